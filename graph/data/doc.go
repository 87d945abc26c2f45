// Package data holds the examples that models learn from: batches of them, sources that yield
// batches, readers of the usual file formats, normalisation and corruption.
//
// A Set lies in memory; a Stream is read anew every epoch and may be larger than memory. Both
// are a Source, as is anything that wraps one: Prefetch prepares the next batch while the
// current one trains, Map changes the inputs of every batch.
//
// Everything random, such as the order of the examples, is a function of a graph.Key alone.
//
// Readers accept plain and gzip-compressed files alike, whatever the name, and check every
// claim of a header against the bytes that really follow: a damaged or hostile file gives an
// error, and needs no more memory than a small multiple of its own (unpacked) size.
package data
