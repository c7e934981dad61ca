package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestWrongCwd(t *testing.T) { checktest.Run(t, &run.WrongCwd) }
