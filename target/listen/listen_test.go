package listen_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/listen"
)

func TestOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "127.0.0.1", true}, {"0.0.0.0", "::1", true}, {"::", "127.0.0.1", true}, {"localhost", "127.0.0.1", true},
		{"127.0.0.1", "::1", false}, {"127.0.0.1", "127.0.0.2", false}, {"localhost", "::1", false}, {"::ffff:127.0.0.1", "127.0.0.1", true},
	} {
		a, b := listen.Address{Host: c.a, Port: 80}, listen.Address{Host: c.b, Port: 80}
		if a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%q and %q: overlap is not %t", c.a, c.b, c.want)
		}
	}
	for _, c := range []struct {
		a, b listen.Address
		want bool
	}{
		{listen.Address{Family: 4}, listen.Address{Family: 6}, false},
		{listen.Address{Family: 4}, listen.Address{}, true},
		{listen.Address{Family: 6}, listen.Address{Host: "127.0.0.1"}, false},
		{listen.Address{Family: 6}, listen.Address{Host: "::1"}, true},
		{listen.Address{Family: 6, Host: "localhost"}, listen.Address{Host: "::1"}, true},
		{listen.Address{Family: 6, Host: "localhost"}, listen.Address{Host: "localhost"}, false},
	} {
		c.a.Port, c.b.Port = 80, 80
		if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
			t.Errorf("%+v and %+v: overlap is not %t", c.a, c.b, c.want)
		}
	}
	if (listen.Address{Port: 80}).Overlaps(listen.Address{Port: 81}) {
		t.Error("different ports overlap")
	}
}

func TestWithPort(t *testing.T) {
	api := listen.Address{Host: "127.0.0.1", Port: 8080, Main: "cmd/api", At: listen.Place{File: "a.go"}}
	admin := listen.Address{Port: 8081, Main: "cmd/admin"}
	metrics := listen.Address{Port: 9090, Main: "cmd/api", Secondary: true}
	for _, c := range []struct {
		name  string
		found []listen.Address
		host  string
		main  string
	}{
		{"of the only program", []listen.Address{api, metrics}, "127.0.0.1", "cmd/api"},
		{"of one of two programs", []listen.Address{api, admin}, "", ""},
		{"of none", nil, "", ""},
	} {
		got := listen.WithPort(c.found, 7000)
		if len(got) != 1 || got[0].Port != 7000 || got[0].Certainty != listen.Asked || got[0].Host != c.host || got[0].Main != c.main || !got[0].At.IsZero() {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	got := listen.WithPort([]listen.Address{api, admin}, 8081)
	if len(got) != 1 || got[0].Main != "cmd/admin" || got[0].Certainty != listen.Asked {
		t.Errorf("what listens there by itself: %+v", got)
	}
}
