// Package ckpt reads and writes models and training checkpoints.
//
// A file is in the safetensors format (https://huggingface.co/docs/safetensors): the length of a
// header as 8 bytes little-endian, the header in JSON, the numbers. Other tools read these files,
// and this package reads theirs as far as they hold F32, F64 and I64.
//
// A model file holds every parameter and buffer by its path and, in the metadata, the model's
// kind, its configuration and the version of the format. A training checkpoint is a file with
// whatever else its writer needs to go on as if never interrupted, by prefixes of names; the
// Checkpointer keeps the last few in a folder.
//
// Writing is atomic and durable, and equal contents give equal bytes. Reading is safe on hostile
// bytes: memory is bounded by the length of the file, and what is wrong is told. A checksum in
// the metadata tells damaged numbers from good ones.
package ckpt
