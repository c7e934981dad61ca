package limit_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
)

func TestInotifyWatches(t *testing.T) { checktest.Run(t, &limit.InotifyWatches) }
