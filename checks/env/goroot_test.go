package env_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/env"
)

func TestGOROOT(t *testing.T) { checktest.Run(t, &env.GOROOT) }
