package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestPlatform(t *testing.T) { checktest.Run(t, &watch.Platform) }
