package reload

import (
	"os"
	"testing"

	"github.com/gindoctor/gindoctor/drill/stage"
)

func TestMain(m *testing.M) {
	stage.ServeGuard()
	os.Exit(m.Run())
}
