package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestSharedLog(t *testing.T) { checktest.Run(t, &run.SharedLog) }
