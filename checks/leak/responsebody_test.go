package leak_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/leak"
)

func TestResponseBody(t *testing.T) { checktest.Run(t, &leak.ResponseBody) }
