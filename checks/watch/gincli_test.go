package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestGinCLI(t *testing.T) { checktest.Run(t, &watch.GinCLI) }
