package watch_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/watch"
)

func TestAbandoned(t *testing.T) { checktest.Run(t, &watch.Abandoned) }
