package env_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/env"
)

func TestGO111ModuleAuto(t *testing.T) { checktest.Run(t, &env.GO111ModuleAuto) }
