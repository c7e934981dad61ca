package env_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/env"
)

func TestCgo(t *testing.T) { checktest.Run(t, &env.Cgo) }
