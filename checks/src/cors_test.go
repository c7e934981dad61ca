package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestCORS(t *testing.T) { checktest.Run(t, src.CORS.AsCheck()) }
