package target

import (
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/listen"
)

func TestTold(t *testing.T) {
	for _, c := range []struct {
		arguments, name string
		want            bool
	}{
		{"--log-dir /data", "PORT", false},
		{"--log-dir=/data --verbose", "PORT", false},
		{"-verbose", "-port", false},
		{"-port 9000", "-port", true},
		{"--listen-address=:9000", "PORT", true},
		{"--log-dir /data -p 9000", "-port", true},
		{"-vp 9000", "-port", true},
		{"--config /etc/shop.yaml", "PORT", true},
		{"serve", "PORT", true},
		{"--log-dir=/data serve", "PORT", true},
		{"--verbose true serve", "PORT", true},
		{"", "PORT", true},
	} {
		i := &Instance{Argued: true, Arguments: strings.Fields(c.arguments)}
		if got := i.told(listen.Address{Name: c.name}); got != c.want {
			t.Errorf("%q may decide %s: %v", c.arguments, c.name, got)
		}
	}
	if (&Instance{}).told(listen.Address{Name: "PORT"}) {
		t.Error("no arguments decide nothing")
	}
}
