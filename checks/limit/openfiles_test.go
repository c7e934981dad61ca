package limit_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
)

func TestOpenFiles(t *testing.T) { checktest.Run(t, &limit.OpenFiles) }
