package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
	"github.com/gindoctor/gindoctor/target/observe"
)

// made are the waves of wavesOf as a drill knows them.
func made(requests ...int) []verdict.Wave {
	return []verdict.Wave{
		{From: 7500 * time.Millisecond, To: 23500 * time.Millisecond, Clients: 8, Requests: requests[0]},
		{From: 33500 * time.Millisecond, To: 49500 * time.Millisecond, Clients: 8, Requests: requests[1]},
	}
}

// left is a number that stands at a before the first wave, and at b and c after the waves.
func left(a, b, c int) func(int) int {
	return func(i int) int {
		switch {
		case i < 10:
			return a
		case i < 40:
			return b
		}
		return c
	}
}

func TestWavesOfADrill(t *testing.T) {
	never := func(i int, p *observe.Point) { p.Quiet = false }
	for _, tt := range []struct {
		name       string
		counts     [3]int
		requests   [2]int
		besides    func(int, *observe.Point)
		want       string
		confidence checks.Confidence
	}{
		{"one for each request", [3]int{1, 41, 81}, [2]int{40, 40}, nil, "41 after the first, 81 after the second", checks.Likely},
		{"a full pool", [3]int{0, 25, 25}, [2]int{40, 40}, nil, "", 0},
		{"a pool that was nearly full", [3]int{0, 22, 25}, [2]int{40, 40}, nil, "22 after the first, 25 after the second", checks.Possible},
		{"no more than the clients need", [3]int{0, 4, 8}, [2]int{40, 40}, nil, "4 after the first", checks.Possible},
		{"one more", [3]int{0, 4, 5}, [2]int{40, 40}, nil, "", 0},
		{"a greater second wave", [3]int{0, 10, 40}, [2]int{20, 40}, nil, "", 0},
		{"a server that works by itself", [3]int{1, 41, 81}, [2]int{40, 40}, never, "41 after the first, 81 after the second", checks.Likely},
		{"growth beside the waves", [3]int{0, 0, 0}, [2]int{40, 40}, func(i int, p *observe.Point) { p.Kinds.Files = 5 + min(i, 30)/4 }, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			step := to(api, left(tt.counts[0], tt.counts[1], tt.counts[2]))
			series := watched(60, wavesOf(8, 8, func(i int, p *observe.Point) {
				step(i, p)
				if tt.besides != nil {
					tt.besides(i, p)
				}
			}))
			span := verdict.Span{Waves: made(tt.requests[0], tt.requests[1]), Again: "drill it again"}
			found := verdict.Judge(series, nil, span)
			if tt.want == "" {
				if len(found) != 0 {
					t.Errorf("found %v", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0].Message.String(), tt.want) || found[0].Confidence != tt.confidence || found[0].Residue == "" || found[0].Severity != checks.Warning {
				t.Errorf("found %+v", found)
			}
		})
	}
}

func TestQuietAfter(t *testing.T) {
	series := watched(60, wavesOf(8, 8, func(int, *observe.Point) {}))
	for at, want := range map[time.Duration]time.Duration{
		0: 11 * time.Second, 30 * time.Second: 11 * time.Second, 49500 * time.Millisecond: 10 * time.Second, 52 * time.Second: 8 * time.Second, time.Minute: 0,
	} {
		if got := verdict.QuietAfter(series, at); got != want {
			t.Errorf("after %s: %s, want %s", at, got, want)
		}
	}
	if got := verdict.QuietNow(series); got != 11*time.Second {
		t.Errorf("now: %s", got)
	}
}
