package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestUnresponsive(t *testing.T) { checktest.Run(t, &run.Unresponsive) }
