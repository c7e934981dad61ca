package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestDebugger(t *testing.T) { checktest.Run(t, &watch.Debugger) }
