package src_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/src"
)

func TestClientPerRequest(t *testing.T) { checktest.Run(t, src.ClientPerRequest.AsCheck()) }
