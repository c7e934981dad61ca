package mod_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/mod"
)

func TestWrongRoot(t *testing.T) { checktest.Run(t, &mod.WrongRoot) }
