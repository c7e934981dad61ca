//go:build differential

package deploy_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/deploy"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// snippets are what stands in http { }. CERT and KEY stand for a certificate that is there.
var snippets = []struct{ name, text string }{
	{"plain proxy", `server { listen 127.0.0.1:8099; location / { proxy_pass http://127.0.0.1:8080; } }`},
	{"ip_hash and backup", `upstream b { ip_hash; server 10.0.0.1:80; server 10.0.0.2:80 backup; }`},
	{"hash and backup", `upstream b { hash $uri; server 10.0.0.1:80; server 10.0.0.2:80 backup; }`},
	{"random and backup", `upstream b { random; server 10.0.0.1:80; server 10.0.0.2:80 backup; }`},
	{"least_conn and backup", `upstream b { least_conn; server 10.0.0.1:80; server 10.0.0.2:80 backup; }`},
	{"default and backup", `upstream b { server 10.0.0.1:80; server 10.0.0.2:80 backup; }`},
	{"ip_hash behind the backup server", `upstream b { server 10.0.0.1:80; server 10.0.0.2:80 backup; ip_hash; }`},
	{"only backup servers", `upstream b { server 10.0.0.2:80 backup; }`},
	{"only backup servers, least_conn", `upstream b { least_conn; server 10.0.0.2:80 backup; }`},
	{"only a server that is down", `upstream b { server 10.0.0.2:80 down; }`},
	{"no servers", `upstream b { keepalive 4; }`},
	{"method behind keepalive", `upstream b { server 10.0.0.1:80; keepalive 4; least_conn; }`},
	{"keepalive behind method", `upstream b { server 10.0.0.1:80; least_conn; keepalive 4; }`},
	{"proxy_pass without scheme", `server { listen 127.0.0.1:8099; location / { proxy_pass 127.0.0.1:8080; } }`},
	{"proxy_pass with an unknown scheme", `server { listen 127.0.0.1:8099; location / { proxy_pass ftp://127.0.0.1:8080; } }`},
	{"path in a regular expression", `server { listen 127.0.0.1:8099; location ~ ^/a { proxy_pass http://127.0.0.1:8080/; } }`},
	{"path in a regular expression without blank", `server { listen 127.0.0.1:8099; location ~^/a { proxy_pass http://127.0.0.1:8080/; } }`},
	{"path with a variable in a regular expression", `server { listen 127.0.0.1:8099; location ~ ^/a(.*)$ { proxy_pass http://127.0.0.1:8080/$1; } }`},
	{"path in a named location", `server { listen 127.0.0.1:8099; location @a { proxy_pass http://127.0.0.1:8080/x; } }`},
	{"path within an if", `server { listen 127.0.0.1:8099; location / { if ($arg_a) { proxy_pass http://127.0.0.1:8080/x; } } }`},
	{"path within limit_except", `server { listen 127.0.0.1:8099; location / { limit_except GET { proxy_pass http://127.0.0.1:8080/x; } } }`},
	{"no path within an if", `server { listen 127.0.0.1:8099; location / { if ($arg_a) { proxy_pass http://127.0.0.1:8080; } } }`},
	{"path in an exact location", `server { listen 127.0.0.1:8099; location = /a { proxy_pass http://127.0.0.1:8080/x; } }`},
	{"path in a ^~ location", `server { listen 127.0.0.1:8099; location ^~ /a/ { proxy_pass http://127.0.0.1:8080/x/; } }`},
	{"host in a variable", `server { listen 127.0.0.1:8099; location / { set $h api.internal; proxy_pass http://$h:8080; } }`},
	{"alias slashes", `server { listen 127.0.0.1:8099; location /s/ { alias /srv/s; } location /f { alias /srv/f/; } }`},
	{"no certificate", `server { listen 127.0.0.1:8099 ssl; }`},
	{"a certificate for all servers", `ssl_certificate CERT; ssl_certificate_key KEY; server { listen 127.0.0.1:8099 ssl; }`},
	{"unknown ciphers only", `server { listen 127.0.0.1:8099 ssl; ssl_certificate CERT; ssl_certificate_key KEY; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA512:DHE-RSA-AES256-GCM-SHA512; }`},
	{"one unknown cipher", `server { listen 127.0.0.1:8099 ssl; ssl_certificate CERT; ssl_certificate_key KEY; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA512:ECDHE-RSA-AES128-GCM-SHA256; }`},
	{"ciphers of TLS 1.3 only", `server { listen 127.0.0.1:8099 ssl; ssl_certificate CERT; ssl_certificate_key KEY; ssl_ciphers TLS_AES_128_GCM_SHA256; }`},
	{"groups of ciphers", `server { listen 127.0.0.1:8099 ssl; ssl_certificate CERT; ssl_certificate_key KEY; ssl_ciphers "HIGH:!aNULL:!MD5:EECDH+AESGCM"; }`},
	{"two default servers", `server { listen 127.0.0.1:8099 default_server; } server { listen 127.0.0.1:8099 default_server; }`},
	{"default servers of two addresses", `server { listen 127.0.0.1:8099 default_server; } server { listen 127.0.0.1:8098 default_server; }`},
	{"default servers of one port, written differently", `server { listen 8099 default_server; } server { listen *:8099 default_server; }`},
	{"default servers of one port, the old word", `server { listen 8099 default; } server { listen 0.0.0.0:8099 default_server; }`},
	{"default servers of IPv4 and IPv6", `server { listen 8099 default_server; } server { listen [::]:8099 default_server; server_name a.test; }`},
	{"one default server for IPv4 and IPv6", `server { listen 8099 default_server; listen [::]:8099 default_server; }`},
	{"a default server that takes all other names", `server { listen 8099 default_server; server_name _; return 444; } server { listen 8099; server_name a.test; location / { proxy_pass http://127.0.0.1:8080; } }`},
	{"a default server behind the named one", `server { listen 8099; server_name a.test; } server { listen 8099 default_server; server_name _; return 444; }`},
	{"two servers that take all names", `server { listen 8099; server_name _; } server { listen 8099; server_name _; }`},
	{"two servers without a name", `server { listen 8099; } server { listen 8099; }`},
	{"two servers without a name, the second the default", `server { listen 8099; } server { listen 8099 default_server; }`},
	{"no listen and port 80", `server { server_name a.test; } server { listen 80; server_name a.test; }`},
	{"one name, another case", `server { listen 8099; server_name A.test; } server { listen 8099; server_name a.test; }`},
	{"one address twice in a server", `server { listen 8099; listen *:8099; }`},
	{"an address and all of them", `server { listen 8099; listen 127.0.0.1:8099; }`},
	{"one name twice", `server { listen 127.0.0.1:8099; server_name a.test; } server { listen 127.0.0.1:8099; server_name a.test; }`},
	{"one name on two addresses", `server { listen 127.0.0.1:8099; server_name a.test; } server { listen 127.0.0.1:8098; server_name a.test; }`},
	{"header of its own", `proxy_set_header Host $host; server { listen 127.0.0.1:8099; location / { proxy_pass http://127.0.0.1:8080; proxy_set_header X-A b; } }`},
	{"an unclosed block", `server { listen 127.0.0.1:8099; location / { proxy_pass http://127.0.0.1:8080; }`},
}

// TestNginxDifferential holds what we say against `nginx -t`: an error that speaks of a start is one of nginx's own, and nginx refuses
// nothing here of which we are silent. It prints the table of docs/artefacts.md.
func TestNginxDifferential(t *testing.T) {
	nginx := nginxHere(t)
	cert, key := certificate(t)
	for _, s := range snippets {
		text := strings.NewReplacer("CERT", cert, "KEY", key).Replace(s.text)
		starts, said := refuses(t, nginx, text)
		ours := asked(t, text)
		refused := false
		var words []string
		for _, f := range ours {
			severity := f.Severity
			if severity == 0 {
				severity = checks.Error
			}
			words = append(words, fmt.Sprintf("%s: %s", severity, f.Message))
			refused = refused || severity == checks.Error && strings.HasPrefix(f.Why.String(), "nginx does not start")
		}
		if s.name == "an unclosed block" {
			refused = !starts // deploy/parse tells of it
			words = []string{"(deploy/parse)"}
		}
		if refused == starts {
			t.Errorf("%s: nginx starts: %v (%s), and we say %v", s.name, starts, said, words)
		}
		t.Logf("| %s | %s | %s |", s.name, said, strings.Join(words, "; "))
	}
}

// refuses asks nginx, and gives the last of its words.
func refuses(t *testing.T, nginx, text string) (starts bool, said string) {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	whole := "error_log stderr;\npid " + filepath.Join(dir, "pid") + ";\nevents {}\nhttp {\naccess_log off;\n" +
		"client_body_temp_path " + dir + "/b; proxy_temp_path " + dir + "/p; fastcgi_temp_path " + dir + "/f; uwsgi_temp_path " + dir + "/u; scgi_temp_path " + dir + "/s;\n" +
		text + "\n}\n"
	if err := os.WriteFile(conf, []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(nginx, "-t", "-q", "-e", "stderr", "-p", dir, "-c", conf).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		for _, level := range []string{"[emerg] ", "[warn] "} {
			if _, after, ok := strings.Cut(line, level); ok && said == "" {
				_, words, found := strings.Cut(after, ": ")
				if !found {
					words = after
				}
				words, _, _ = strings.Cut(strings.TrimSpace(words), " in "+dir)
				said = strings.Trim(level, "[] ") + ": " + words
			}
		}
	}
	if said == "" {
		said = "accepts"
	}
	return err == nil, said
}

// asked runs the check over a project that holds the snippet.
func asked(t *testing.T, text string) []checks.Finding {
	t.Helper()
	return askedOf(t, "package main\n\nfunc main() {}\n", text)
}

// askedOf is the same for a program.
func askedOf(t *testing.T, main, text string) []checks.Finding {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"go.mod":     "module example.org/shop\n\ngo 1.25\n\nrequire github.com/gin-gonic/gin v1.12.0\n",
		"main.go":    main,
		"nginx.conf": "events {}\nhttp {\n" + text + "\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := target.Open(t.Context(), target.Options{Dir: dir, Profile: "ci", Types: target.TypesNever, Host: &host.Fake{}, Environ: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	var out []checks.Finding
	if err := deploy.Nginx.Run(context.Background(), opened, func(f checks.Finding) { out = append(out, f) }); err != nil {
		t.Logf("%v", err)
	}
	opened.Settle()
	return out
}

// certificate makes a certificate with openssl.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "a.pem"), filepath.Join(dir, "a.key")
	cmd := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.test", "-days", "2", "-keyout", key, "-out", cert)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("no certificate: %v: %s", err, out)
	}
	return cert, key
}
