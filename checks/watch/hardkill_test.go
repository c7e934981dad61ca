package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestHardKill(t *testing.T) { checktest.Run(t, &watch.HardKill) }
