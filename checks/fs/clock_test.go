package fs_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/fs"
)

func TestClock(t *testing.T) { checktest.Run(t, &fs.Clock) }
