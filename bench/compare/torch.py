"""Worker that times training steps in PyTorch.

Usage: torch.py THREADS. Reads lines "WORKLOAD STEPS" and answers each with the nanoseconds that the
steps took, or with "error TEXT". Adam runs as PyTorch's fused kernel where the version has one: the
fastest of its variants on a CPU.
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def stack(units, linear):
    layers = []
    for i in range(1, len(units)):
        layers.append(nn.Linear(units[i - 1], units[i]))
        if i not in linear:
            layers.append(nn.Sigmoid())
    return nn.Sequential(*layers)


class VAE(nn.Module):
    """784-400-20-400-784 with rectified units; mean and log-variance are one layer."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 40))
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def loss(self, x):
        mean, logvar = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * logvar)
        nll = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = 0.5 * torch.sum(mean * mean + logvar.exp() - 1 - logvar)
        return (nll + kl) / x.shape[0]


class Gated(nn.Module):
    """A layer of both stacks of a gated PixelCNN; the windows are cropped, not masked."""

    def __init__(self, inputs, h, first):
        super().__init__()
        self.first = first
        self.vertical = nn.Conv2d(inputs, 2 * h, (3, 7) if first else (2, 3))
        self.horizontal = nn.Conv2d(inputs, 2 * h, (1, 3) if first else (1, 2))
        self.down = nn.Conv2d(2 * h, 2 * h, 1)
        self.mix = nn.Conv2d(h, h, 1)

    def forward(self, v, h):
        if self.first:
            v = self.vertical(F.pad(v, (3, 3, 3, 0)))[:, :, :-1]
            h = self.horizontal(F.pad(h, (3, 0, 0, 0)))[:, :, :, :-1]
        else:
            v = self.vertical(F.pad(v, (1, 1, 1, 0)))
            h = self.horizontal(F.pad(h, (1, 0, 0, 0)))
        return gate(v), self.mix(gate(h + self.down(v)))


def gate(x):
    a, b = x.chunk(2, dim=1)
    return a.tanh() * b.sigmoid()


class PixelCNN(nn.Module):
    def __init__(self, layers=5, h=32):
        super().__init__()
        self.first = Gated(1, h, True)
        self.layers = nn.ModuleList(Gated(h, h, False) for _ in range(layers))
        self.out = nn.Sequential(nn.ReLU(), nn.Conv2d(h, h, 1), nn.ReLU(), nn.Conv2d(h, 1, 1))

    def forward(self, x):
        v, h = self.first(x, x)
        for layer in self.layers:
            v, step = layer(v, h)
            h = h + step
        return self.out(h)


class RowLSTM(nn.Module):
    def __init__(self, layers=5, h=32):
        super().__init__()
        self.above, self.left = nn.Conv2d(1, h, (3, 7)), nn.Conv2d(1, h, (1, 3), bias=False)
        self.input = nn.ModuleList(nn.Conv2d(h, 4 * h, (1, 2)) for _ in range(layers))
        self.state = nn.ModuleList(nn.Conv1d(h, 4 * h, 3, padding=1, bias=False) for _ in range(layers))
        self.mix = nn.ModuleList(nn.Conv2d(h, h, 1) for _ in range(layers))
        self.out = nn.Sequential(nn.ReLU(), nn.Conv2d(h, h, 1), nn.ReLU(), nn.Conv2d(h, 1, 1))

    def forward(self, x):
        x = self.above(F.pad(x, (3, 3, 3, 0)))[:, :, :-1] + self.left(F.pad(x, (3, 0, 0, 0)))[:, :, :, :-1]
        for input, state, mix in zip(self.input, self.state, self.mix):
            gates = input(F.pad(x, (1, 0, 0, 0)))
            h, c, rows = None, 0, []
            for y in range(gates.shape[2]):
                z = gates[:, :, y] if h is None else gates[:, :, y] + state(h)
                i, f, o, g = z.chunk(4, dim=1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                rows.append(h)
            x = x + mix(torch.stack(rows, dim=2))
        return self.out(x)


class Block(nn.Module):
    """Attention and a map of each token, with normalisation in front of both."""

    def __init__(self, d=128, heads=4):
        super().__init__()
        self.heads = heads
        self.norm0, self.norm1 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.mix = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.wide, self.narrow = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (y.view(n, t, self.heads, -1).transpose(1, 2) for y in self.qkv(self.norm0(x)).split(d, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(y.transpose(1, 2).reshape(n, t, d))
        return x + self.narrow(F.gelu(self.wide(self.norm1(x))))


class LanguageModel(nn.Module):
    def __init__(self, recurrent, v=65, t=64, d=128, layers=4):
        super().__init__()
        self.recurrent = recurrent
        self.table, self.out = nn.Embedding(v, d), nn.Linear(d, v)
        if recurrent:
            self.body = nn.LSTM(d, d, layers, batch_first=True)
        else:
            self.position = nn.Embedding(t, d)
            self.body = nn.Sequential(*(Block(d) for _ in range(layers)), nn.LayerNorm(d))

    def forward(self, ids):
        x = self.table(ids)
        if self.recurrent:
            return self.out(self.body(x)[0])
        return self.out(self.body(x + self.position.weight[: ids.shape[1]]))


def adam(net):
    try:
        return torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    except (TypeError, RuntimeError):
        return torch.optim.Adam(net.parameters(), lr=1e-3)


def build(workload):
    x = torch.relu(5 * torch.rand(128 if workload == "vae" else 100, 784) - 4)
    labels = torch.arange(100) % 10
    if workload == "ae":
        net = stack([784, 500, 784], [])
        opt = adam(net)
        loss = lambda: F.mse_loss(net(x), x)
    elif workload == "deep-ae":
        units = [784, 1000, 500, 250, 30, 250, 500, 1000, 784]
        net = stack(units, [4, 8])
        opt = adam(net)
        loss = lambda: F.binary_cross_entropy_with_logits(net(x), x)
    elif workload == "mlp":
        net = stack([784, 1000, 1000, 1000, 10], [4])
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        loss = lambda: F.cross_entropy(net(x), labels)
    elif workload == "vae":
        net = VAE()
        opt = adam(net)
        loss = lambda: net.loss(x)
    elif workload in ("pixelcnn", "row-lstm"):
        net = PixelCNN() if workload == "pixelcnn" else RowLSTM()
        image = (x[:16] > 0.5).float().view(16, 1, 28, 28)
        opt = adam(net)
        loss = lambda: F.binary_cross_entropy_with_logits(net(2 * image - 1), image, reduction="sum") / 16
    elif workload in ("lstm-lm", "transformer"):
        net = LanguageModel(workload == "lstm-lm")
        ids = (torch.arange(12 * 65) ** 2 % 65).view(12, 65)
        opt = adam(net)
        loss = lambda: F.cross_entropy(net(ids[:, :-1]).reshape(-1, 65), ids[:, 1:].reshape(-1))
    elif workload in ("rbm-cd1", "rbm-cd25"):
        return warmed(contrastive_divergence(x, int(workload[len("rbm-cd"):])))
    else:
        raise ValueError("unknown workload " + workload)

    def step():
        opt.zero_grad(set_to_none=True)
        loss().backward()
        opt.step()

    return warmed(step)


def warmed(step):
    for _ in range(3):
        step()
    return step


def contrastive_divergence(x, k):
    """Bernoulli units, the update made by hand: no autograd, products and activations in place.

    A comparison with uniform numbers is the faster way to draw: torch.bernoulli takes longer.
    """
    n, d = x.shape
    h, rate, momentum = 500, 0.1, 0.5
    w, b, c = 0.01 * torch.randn(d, h), torch.zeros(d), torch.zeros(h)
    dw, db, dc = torch.zeros_like(w), torch.zeros_like(b), torch.zeros_like(c)

    def draw(p):
        return (torch.rand_like(p) < p).float()

    @torch.no_grad()
    def step():
        p0 = torch.addmm(c, x, w).sigmoid_()
        p = p0
        for _ in range(k):
            v = draw(torch.addmm(b, draw(p), w.t()).sigmoid_())
            p = torch.addmm(c, v, w).sigmoid_()
        dw.mul_(momentum).addmm_(x.t(), p0, alpha=rate / n).addmm_(v.t(), p, alpha=-rate / n)
        db.mul_(momentum).add_((x - v).sum(0), alpha=rate / n)
        dc.mul_(momentum).add_((p0 - p).sum(0), alpha=rate / n)
        w.add_(dw)
        b.add_(db)
        c.add_(dc)

    return step


steps = {}
print("ready pytorch " + torch.__version__, flush=True)
for line in sys.stdin:
    workload, count = line.split()
    try:
        if workload not in steps:
            steps[workload] = build(workload)
        step = steps[workload]
        start = time.perf_counter_ns()
        for _ in range(int(count)):
            step()
        print(time.perf_counter_ns() - start, flush=True)
    except Exception as e:  # reported to the program that asked
        print("error " + " ".join(str(e).split()), flush=True)
