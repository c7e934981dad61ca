package deploy_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

// TestScriptMode takes the right to be executed away from the script of a fixture, which an archive cannot.
func TestScriptMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such mode there")
	}
	f := checktest.Load(t, filepath.Join(checktest.FixturesDir(), "deploy", "files-missing", "ok-script-mode.txtar"))
	if err := os.Chmod(filepath.Join(f.Work, "project", "start.sh"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := f.Ask(t, &deploy.FilesMissing)
	if o.Status != checks.Found || len(o.Findings) != 1 {
		t.Fatalf("ended as %s with %d findings", o.Status, len(o.Findings))
	}
	if got := o.Findings[0].Message.String(); !strings.Contains(got, "start.sh may not be executed") {
		t.Error(got)
	}
}
