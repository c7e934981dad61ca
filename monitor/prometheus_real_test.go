//go:build prometheus

package monitor_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
)

// TestRealPrometheus has a real Prometheus scrape a leaking server and a healthy one through `gindoctor monitor --listen`, with the
// rules that we hand out: it fires the alert for the one, and nothing for the other. Needs Debian's package prometheus.
func TestRealPrometheus(t *testing.T) {
	for _, tool := range []string{"prometheus", "promtool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	rules, err := filepath.Abs("../docs/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("promtool", "check", "rules", rules).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := t.TempDir()
	doctor, leaky := build(t, dir, "../cmd/gindoctor"), build(t, dir, "./testdata/leaky")

	var targets []string
	for _, kind := range []string{"close-wait", "well"} {
		address := firstLine(t, start(t, exec.Command(leaky, kind)).out)
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		watch := exec.Command(doctor, "monitor", "--port", port, "--listen", "0")
		watch.Dir = dir
		url := metricsURL(t, start(t, watch).err)
		if kind == "close-wait" {
			checkMetrics(t, url)
		}
		targets = append(targets, strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/metrics"))
	}

	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs:\n"+
		"  - job_name: gindoctor\n    static_configs: [{targets: [%q, %q]}]\n", fast(t, rules, dir), targets[0], targets[1])
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("promtool", "check", "config", config).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	address := freeport.AddressFor(t)
	start(t, exec.Command("prometheus", "--config.file", config, "--storage.tsdb.path", filepath.Join(dir, "data"),
		"--web.listen-address", address, "--log.level", "error"))
	alert := waitFor(t, "http://"+address, "ServerLeaks")
	if alert["check"] != "leak/close-wait" || alert["program"] != "leaky" || alert["instance"] != targets[0] {
		t.Errorf("the alert is about %v", alert)
	}
	for _, a := range alerts("http://" + address) {
		if a.Labels["instance"] == targets[1] {
			t.Errorf("an alert for the healthy server: %v", a)
		}
	}
}

// fast is our rules without their waits: a test has no half an hour.
func fast(t *testing.T, rules, dir string) string {
	t.Helper()
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "for: ") {
			kept = append(kept, line)
		}
	}
	name := filepath.Join(dir, "rules.yml")
	if err := os.WriteFile(name, []byte(strings.Join(kept, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkMetrics has promtool judge what is served as Prometheus' own people would.
func checkMetrics(t *testing.T, url string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	lint := exec.Command("promtool", "check", "metrics")
	lint.Stdin = r.Body
	if out, err := lint.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

type alert struct {
	State  string
	Labels map[string]string
}

func alerts(server string) []alert {
	r, err := http.Get(server + "/api/v1/alerts")
	if err != nil {
		return nil // it has not begun to listen yet
	}
	defer r.Body.Close()
	var answer struct{ Data struct{ Alerts []alert } }
	if json.NewDecoder(r.Body).Decode(&answer) != nil {
		return nil
	}
	return answer.Data.Alerts
}

// waitFor waits until an alert fires.
func waitFor(t *testing.T, server, name string) map[string]string {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); <-tick.C {
		for _, a := range alerts(server) {
			if a.State == "firing" && a.Labels["alertname"] == name {
				return a.Labels
			}
		}
	}
	t.Fatalf("%s does not fire: %v", name, alerts(server))
	return nil
}

func build(t *testing.T, dir, pkg string) string {
	t.Helper()
	bin := filepath.Join(dir, filepath.Base(pkg))
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, pkg).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// streams are what a started program says.
type streams struct{ out, err *bufio.Reader }

// start starts a program that is ended, by its own pid, with the test.
func start(t *testing.T, cmd *exec.Cmd) streams {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return streams{bufio.NewReader(out), bufio.NewReader(errs)}
}

func firstLine(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	line, err := from.ReadString('\n')
	if err != nil {
		t.Fatalf("it says %q, then %v", line, err)
	}
	return strings.TrimSpace(line)
}

// metricsURL reads where the metrics are out of what monitor says when it begins, and lets it go on talking.
func metricsURL(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	firstLine(t, from) // what it watches
	_, url, ok := strings.Cut(firstLine(t, from), "metrics at ")
	if !ok {
		t.Fatal("it does not say where its metrics are")
	}
	go func() { _, _ = io.Copy(io.Discard, from) }()
	return url
}
