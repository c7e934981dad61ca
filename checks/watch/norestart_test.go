package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestNoRestart(t *testing.T) { checktest.Run(t, &watch.NoRestart) }
