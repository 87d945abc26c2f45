package ckpt

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/latent-go/latent/graph"
)

// checksumKey is the metadata key of the checksum.
const checksumKey = "latent.crc32c"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crcOf is the CRC-32C of a's bytes in the file.
func crcOf(a graph.Array) uint32 {
	crc := uint32(0)
	eachChunk(a, make([]byte, 8*chunk), func(b []byte) error {
		crc = crc32.Update(crc, castagnoli, b)
		return nil
	})
	return crc
}

// checksum is the CRC-32C of all that a file says: metadata, names, types, shapes and numbers. It
// does not depend on the order or the spacing of the header, so that a tool may rewrite the file.
func (h *header) checksum() string {
	crc := crc32.New(castagnoli)
	for key, value := range sorted(h.meta) {
		if key != checksumKey {
			fmt.Fprintf(crc, "%q %q\n", key, value)
		}
	}
	entries := slices.Clone(h.entries)
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range entries {
		fmt.Fprintf(crc, "%q %s %d %08x\n", e.name, e.dtype, e.shape, e.crc)
	}
	return fmt.Sprintf("%08x", crc.Sum32())
}
