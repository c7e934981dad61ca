package port_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/port"
)

func TestReserved(t *testing.T) { checktest.Run(t, &port.Reserved) }
