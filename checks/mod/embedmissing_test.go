package mod_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/mod"
)

func TestEmbedMissing(t *testing.T) { checktest.Run(t, &mod.EmbedMissing) }
