// Package golangci offers the checks of gindoctor's family src to golangci-lint as a module plugin
// (https://golangci-lint.run/docs/plugins/module-plugins/). The linter is called gindoctor.
//
// In .custom-gcl.yml:
//
//	version: v2.15.0
//	plugins:
//	  - module: github.com/gindoctor/gindoctor
//	    import: github.com/gindoctor/gindoctor/cmd/ginvet/golangci
//	    version: latest
//
// and in .golangci.yml:
//
//	version: "2"
//	linters:
//	  enable: [gindoctor]
//	  settings:
//	    custom:
//	      gindoctor:
//	        type: module
//	        settings:
//	          disable: [src/trusted-proxies]
//	          info: true
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks/src"
)

// Register offers the plugin to golangci-lint, which imports this package for nothing else.
func init() { register.Plugin("gindoctor", New) }

// Settings are those of the linter in .golangci.yml.
type Settings struct {
	// Disable names checks to leave out, as gindoctor does: src/trusted-proxies.
	Disable []string `json:"disable"`
	// Info has it also say what is merely worth knowing.
	Info bool `json:"info"`
}

// New makes the linter from its settings. An unknown check in them is an error.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, r := range src.Rules() {
		known = append(known, r.ID)
	}
	for _, id := range s.Disable {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("gindoctor: there is no check %q", id)
		}
	}
	return &linter{s}, nil
}

type linter struct{ settings Settings }

// BuildAnalyzers implements register.LinterPlugin.
func (l *linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	var out []*analysis.Analyzer
	for _, r := range src.Rules() {
		if !slices.Contains(l.settings.Disable, r.ID) {
			out = append(out, r.Vet(&l.settings.Info))
		}
	}
	return out, nil
}

// GetLoadMode implements register.LinterPlugin: the rules need types.
func (l *linter) GetLoadMode() string { return register.LoadModeTypesInfo }
