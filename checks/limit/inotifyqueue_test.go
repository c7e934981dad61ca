package limit_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/limit"
)

func TestInotifyQueue(t *testing.T) { checktest.Run(t, &limit.InotifyQueue) }
