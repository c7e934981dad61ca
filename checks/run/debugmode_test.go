package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestDebugMode(t *testing.T) { checktest.Run(t, &run.DebugMode) }
