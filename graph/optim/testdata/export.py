"""Writes trajectories.json: ten steps of each method as PyTorch takes them, in float64.

Run in this folder: python3 export.py > trajectories.json. The committed file was written with
PyTorch 1.13.0a0 (CPU). The gradient of step t is made from the weights by a formula that the
test repeats: a_i w_i + sin(3 t + i), with a_i = 1 + i/2.
"""
import json
import math
import torch

START = [0.5, -1.25, 2.0, -0.75, 0.0, 3.0]
STEPS = 10


def run(make, clip=0.0):
    w = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64).reshape(2, 3))
    opt = make([w])
    path = []
    for t in range(STEPS):
        flat = w.detach().reshape(-1)
        g = [(1 + i / 2) * x + math.sin(3 * t + i) for i, x in enumerate(flat.tolist())]
        w.grad = torch.tensor(g, dtype=torch.float64).reshape(2, 3)
        if clip:
            # As clip_grad_norm_, but exact: that function adds 1e-6 to the norm.
            w.grad.mul_(min(1.0, clip / w.grad.norm().item()))
        opt.step()
        path.append(w.detach().reshape(-1).tolist())
    return path


o = torch.optim
print(json.dumps({
    "start": START,
    "torch": torch.__version__,
    "paths": {
        "sgd": run(lambda p: o.SGD(p, lr=0.05)),
        "sgd l2": run(lambda p: o.SGD(p, lr=0.05, weight_decay=0.1)),
        "sgd clip": run(lambda p: o.SGD(p, lr=0.05), clip=1.5),
        "momentum": run(lambda p: o.SGD(p, lr=0.02, momentum=0.8, weight_decay=0.1)),
        "nesterov": run(lambda p: o.SGD(p, lr=0.02, momentum=0.8, nesterov=True, weight_decay=0.1)),
        "adam": run(lambda p: o.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6)),
        "adam l2": run(lambda p: o.Adam(p, lr=0.1, weight_decay=0.1)),
        "adamw": run(lambda p: o.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.2)),
        "rmsprop": run(lambda p: o.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, weight_decay=0.1)),
        "adagrad": run(lambda p: o.Adagrad(p, lr=0.3, eps=1e-6, weight_decay=0.1)),
    },
}, indent=1))
