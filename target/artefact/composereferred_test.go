package artefact_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// TestReferredFiles reads compose files that only other ones name, and no others.
func TestReferredFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"compose.yaml":       "include: [parts/db.yml]\nservices:\n  shop:\n    extends: {file: common.yml, service: base}\n    ports: ['8080:80']\n  far: {extends: {file: '../far.yml', service: x}}\n",
		"common.yml":         "services: {base: {image: shop, ports: ['9000:90']}, other: {extends: {file: deeper.yml, service: y}}}\n",
		"deeper.yml":         "services: {y: {image: y}}\n",
		"parts/db.yml":       "services: {db: {image: postgres, ports: ['5432:5432']}}\n",
		"alone.yml":          "services: {alone: {image: x}}\n",
		"stack/.env":         "COMPOSE_FILE=all.yml:all.dev.yml\n",
		"stack/all.yml":      "services: {web: {image: web, ports: ['80:80']}}\n",
		"stack/all.dev.yml":  "services: {web: {ports: ['81:81']}}\n",
		"testdata/x.yml":     "services: {x: {image: x}}\n",
		"x/compose.yaml":     "include: [../testdata/x.yml, ../k8s.yml]\nservices: {x: {image: x}}\n",
		"k8s.yml":            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
		"stack/compose.yaml": "services: {web: {image: web}}\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := project.List(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := artefact.Find(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	var read, composed []string
	for _, c := range artefact.Of[*artefact.Compose](set) {
		read = append(read, c.Path)
	}
	if want := []string{"common.yml", "compose.yaml", "deeper.yml", "parts/db.yml", "stack/all.dev.yml", "stack/all.yml", "stack/compose.yaml", "x/compose.yaml"}; !slices.Equal(read, want) {
		t.Errorf("read %q, want %q", read, want)
	}
	ports := map[string]int{}
	for _, c := range set.Composed() {
		composed = append(composed, c.Path)
		for _, s := range c.Services {
			ports[c.Path+" "+s.Name.Value] = len(s.Ports)
		}
	}
	if want := []string{"compose.yaml", "stack/all.yml", "stack/compose.yaml", "x/compose.yaml"}; !slices.Equal(composed, want) {
		t.Errorf("composed %q, want %q", composed, want)
	}
	if ports["compose.yaml shop"] != 2 || ports["compose.yaml db"] != 1 || ports["stack/all.yml web"] != 2 {
		t.Error(ports)
	}
}

// TestSamePort tells entries that compose takes once from those that clash.
func TestSamePort(t *testing.T) {
	for _, c := range []struct {
		a, b string
		port int
		want bool
	}{
		{`"8080:80"`, `"0.0.0.0:8080:80/tcp"`, 8080, true},
		{`"8080:80"`, `{target: 80, published: "8080"}`, 8080, true},
		{`"8000-8002:80-82"`, `"8001:81"`, 8001, true},
		{`"8000-8002:80-82"`, `"8001:82"`, 8001, false},
		{`"8080:80"`, `"127.0.0.1:8080:80"`, 8080, false},
		{`"8080:80"`, `"8080:81"`, 8080, false},
		{`"[::1]:8080:80"`, `{target: 80, published: "8080", host_ip: "::1"}`, 8080, true},
		{`"${P:-8080}:80"`, `"8080:80"`, 8080, true},
	} {
		text := "services:\n  a:\n    image: a\n    ports:\n      - " + c.a + "\n      - " + c.b + "\n"
		f := artefact.Parse("compose.yaml", []byte(text))
		ports := artefact.Of[*artefact.Compose](&artefact.Set{Files: []*artefact.File{f}})[0].Services[0].Ports
		if got := ports[0].Same(ports[1], c.port); got != c.want || ports[1].Same(ports[0], c.port) != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
