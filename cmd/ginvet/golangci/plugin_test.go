package golangci_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks/src"
	_ "github.com/gindoctor/gindoctor/cmd/ginvet/golangci"
)

// build makes the linter as golangci-lint does.
func build(t *testing.T, settings any) ([]*analysis.Analyzer, error) {
	t.Helper()
	newPlugin, err := register.GetPlugin("gindoctor")
	if err != nil {
		t.Fatal(err)
	}
	linter, err := newPlugin(settings)
	if err != nil {
		return nil, err
	}
	if mode := linter.GetLoadMode(); mode != register.LoadModeTypesInfo {
		t.Errorf("load mode %q", mode)
	}
	return linter.BuildAnalyzers()
}

func TestAllRules(t *testing.T) {
	got, err := build(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(src.Rules()) {
		t.Errorf("%d analyzers of %d rules", len(got), len(src.Rules()))
	}
	if err := analysis.Validate(got); err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	got, err := build(t, map[string]any{"disable": []any{"src/restart-library"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range got {
		if a.Name == src.RestartLibrary.Analyzer().Name {
			t.Error("a disabled check is there")
		}
	}
	for _, wrong := range []any{map[string]any{"disable": []any{"src/nothing"}}, map[string]any{"unknown": 1}} {
		if _, err := build(t, wrong); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}
