package dep_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/dep"
)

func TestUnreachable(t *testing.T) { checktest.Run(t, &dep.Unreachable) }
