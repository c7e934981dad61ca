package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestStaleBinary(t *testing.T) { checktest.Run(t, &run.StaleBinary) }
