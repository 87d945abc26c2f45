// Package train is the training loop that all models share.
//
// Run draws batches from a data.Source, asks an Objective for a direction of descent, and lets an
// optimiser take the step. It knows nothing of losses or graphs: what the parameters are and how
// the direction is estimated is the objective's business, so maximum likelihood, contrastive
// divergence and variational bounds train alike. On its way it scores held-out data, stops when
// that no longer improves, keeps the best weights, writes checkpoints and a history, calls hooks
// and shows how far it is.
//
// Equal parameters, data, Config and Objective give equal bits, for any GOMAXPROCS, and however
// often the run was interrupted: by a cancelled context, a crash or a kill, at any step.
package train
