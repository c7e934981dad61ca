package monitor

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Every metric that the alerts, the dashboard and the page name is served, and the page names every one.
func TestMetricsInDocs(t *testing.T) {
	descs := make(chan *prometheus.Desc, 64)
	newMetrics(shop, nil, "").Describe(descs)
	close(descs)
	served := map[string]bool{}
	for d := range descs {
		name, _, _ := strings.Cut(strings.TrimPrefix(d.String(), `Desc{fqName: "`), `"`)
		served[name] = true
	}
	for _, file := range []string{"monitor.md", "prometheus/rules.yml", "grafana/gindoctor.json"} {
		text, err := os.ReadFile("../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, name := range regexp.MustCompile(`\bgindoctor_[a-z_]+`).FindAllString(string(text), -1) {
			named[name] = true
			if !served[name] {
				t.Errorf("%s names %s, which is not served", file, name)
			}
		}
		for name := range served {
			if file == "monitor.md" && !named[name] {
				t.Errorf("%s does not name %s", file, name)
			}
		}
	}
}
