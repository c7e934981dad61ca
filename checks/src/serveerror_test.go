package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestServeError(t *testing.T) { checktest.Run(t, src.ServeError.AsCheck()) }
