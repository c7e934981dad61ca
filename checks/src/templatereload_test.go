package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestTemplateReload(t *testing.T) { checktest.Run(t, src.TemplateReload.AsCheck()) }
