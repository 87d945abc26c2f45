package opticks

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestText: the text is there, whole, with the sum that SOURCE.md names.
func TestText(t *testing.T) {
	content, err := Text()
	if err != nil || len([]rune(content)) != 567_038 {
		t.Errorf("%d characters, %v", len([]rune(content)), err)
	}
	source, err := os.ReadFile("SOURCE.md")
	if err != nil || !strings.Contains(string(source), fmt.Sprintf("%x", sha256.Sum256([]byte(content)))) {
		t.Errorf("the text is not what SOURCE.md says: %v", err)
	}
}
