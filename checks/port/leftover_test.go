package port_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/port"
)

func TestLeftover(t *testing.T) { checktest.Run(t, &port.Leftover) }
