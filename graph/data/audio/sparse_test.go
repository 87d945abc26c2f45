package audio

import (
	"fmt"
	"strconv"
	"testing"
)

func itoa(i int) string { return strconv.Itoa(i) }

// paxRecords are the records of an extended header: "length key=value\n", the length that of the whole.
func paxRecords(pairs ...string) string {
	all := ""
	for i := 0; i < len(pairs); i += 2 {
		body := " " + pairs[i] + "=" + pairs[i+1] + "\n"
		n := len(body) + 1
		for len(strconv.Itoa(n))+len(body) != n {
			n++
		}
		all += strconv.Itoa(n) + body
	}
	return all
}

// replaceRecords puts other records into the extended header that an archive starts with.
func replaceRecords(t *testing.T, b []byte, records string) []byte {
	t.Helper()
	if b[156] != 'x' || len(records) > 512 {
		t.Fatal("no extended header of one block")
	}
	copy(b[124:136], fmt.Sprintf("%011o\x00", len(records)))
	copy(b[512:1024], make([]byte, 512))
	copy(b[512:], records)
	copy(b[148:156], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return b
}
