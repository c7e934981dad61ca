package stub_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/source/stub"
)

// TestDeclarationsFit loads every package, and finds what a rule asks of the most important ones.
func TestDeclarationsFit(t *testing.T) {
	count := 0
	err := fs.WalkDir(os.DirFS("_packages"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		if err := stub.Errors(strings.TrimSuffix(name, ".go")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || count < 50 {
		t.Fatal(count, err)
	}
	gin, err := stub.Package("github.com/gin-gonic/gin")
	if err != nil || gin.Scope().Lookup("Engine") == nil || gin.Scope().Lookup("Context") == nil {
		t.Error("gin is not what it should be:", err)
	}
	if _, err := stub.Package("example.org/nowhere"); err == nil {
		t.Error("a package without declarations was found")
	}
}
