package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestNoRecovery(t *testing.T) { checktest.Run(t, src.NoRecovery.AsCheck()) }
