// Package audio reads and writes WAV files, and makes features of waveforms: short-time spectra and the
// way back, log mel energies, cepstra, windows of frames. It adds noise at a ratio, and measures how
// much is left.
//
// Dimension letters beside those of package graph: f frequency. Features are float32 (t, d), a row for
// each frame. Every function is safe for concurrent use.
package audio
