package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestStaticRoot(t *testing.T) { checktest.Run(t, src.StaticRoot.AsCheck()) }
