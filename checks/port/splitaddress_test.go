package port_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/port"
)

func TestSplitAddress(t *testing.T) { checktest.Run(t, &port.SplitAddress) }
