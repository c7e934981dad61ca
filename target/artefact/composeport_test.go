package artefact_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// TestPublishedPorts holds entries of ports against each other as docker does.
func TestPublishedPorts(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{`"8080:80"`, `"8080:81"`, 8080},
		{`"8080:80"`, `"8080:80/udp"`, 0},
		{`"8080:80/udp"`, `"8080:81/UDP"`, 8080},
		{`"0.0.0.0:8080:80"`, `"127.0.0.1:8080:81"`, 8080},
		{`"127.0.0.1:8080:80"`, `"127.0.0.2:8080:80"`, 0},
		{`"8080:80"`, `"[::1]:8080:80"`, 0},
		{`"[::]:8080:80"`, `"[::1]:8080:80"`, 8080},
		{`"8000-8010:80"`, `"8005:80"`, 0},
		{`"8000-8010:8000-8010"`, `"8005:80"`, 8005},
		{`"8000-8010:80-81"`, `"8005:80"`, 0},
		{`"80"`, `"80"`, 0},
		{`"3000-3005"`, `"3000:80"`, 0},
		{`"127.0.0.1::80"`, `"80:80"`, 0},
		{`"${PORT:-8080}:80"`, `"8080:81"`, 8080},
		{`"${PORT}:80"`, `"8080:81"`, 0},
		{`"${IP}:8080:80"`, `"8080:81"`, 0},
		{`{target: 80, published: 8080}`, `"8080:81"`, 8080},
		{`{target: 80, published: "8080-8090"}`, `"8080:81"`, 0},
		{`{target: 80, published: "8080", protocol: udp}`, `"8080:81"`, 0},
		{`{target: 80, published: "8080", host_ip: "${IP}"}`, `"8080:81"`, 0},
		{`{target: 80}`, `"80:81"`, 0},
		{`"99999:80"`, `"99999:81"`, 0},
	} {
		text := "services:\n  a:\n    image: a\n    ports:\n      - " + c.a + "\n      - " + c.b + "\n"
		f := artefact.Parse("compose.yaml", []byte(text))
		all := artefact.Of[*artefact.Compose](&artefact.Set{Files: []*artefact.File{f}})
		ports := all[0].Services[0].Ports
		if got := ports[0].Meets(ports[1]); got != c.want {
			t.Errorf("%s and %s meet at %d, want %d", c.a, c.b, got, c.want)
		}
		if back := ports[1].Meets(ports[0]); back != c.want {
			t.Errorf("%s and %s meet at %d, want %d", c.b, c.a, back, c.want)
		}
	}
}
