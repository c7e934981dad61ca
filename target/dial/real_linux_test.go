package dial_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/internal/freeport"
	"github.com/gindoctor/gindoctor/target/dial"
)

// start runs a server until the test ends, and waits until its port is open.
func start(t *testing.T, port int, cmd *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGINT); <-ended })
	for {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", cmd.Path, out.String())
		case <-t.Context().Done():
			t.Fatal(out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tlsFiles writes a certificate and its key.
func tlsFiles(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	c := certificate()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestRealRedis holds the dialler against redis-server, where it is installed.
func TestRealRedis(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	dir := t.TempDir()
	cert, key := tlsFiles(t, dir)
	port, secure := freeport.For(t), freeport.For(t)
	cmd := exec.Command(program, "-") // which reads its configuration from standard input
	cmd.Stdin = strings.NewReader(fmt.Sprintf("port %d\ntls-port %d\ntls-cert-file %q\ntls-key-file %q\ntls-auth-clients no\nbind 127.0.0.1\nrequirepass right\nuser shop on >word ~* +@all\nsave \"\"\ndir %q\ndatabases 4\n",
		port, secure, cert, key, dir))
	start(t, port, cmd)
	e := dial.Endpoint{Kind: dial.Redis, Host: "127.0.0.1", Port: port}
	wants(t, e, dial.Login, "NOAUTH")
	e.Password = "wrong"
	wants(t, e, dial.Login, "WRONGPASS")
	e.Password = "right"
	fine(t, e)
	e.User, e.Password = "shop", "word"
	fine(t, e)
	e.Database = "3"
	fine(t, e)
	e.Database = "4"
	wants(t, e, dial.Login, "out of range")
	e.Database = ""
	e.Security = dial.Required
	if f := (dial.Dialer{Timeout: time.Second}).Dial(t.Context(), e); f == nil || f.Step != dial.Secure {
		t.Errorf("%v, and the port has no TLS", f)
	}
	e.Port = secure
	fine(t, e)
	e.Security = dial.Verified
	if f := wants(t, e, dial.Secure, ""); f != nil && !f.Untrusted {
		t.Errorf("%v", f)
	}
	e.Security = dial.Plain
	wants(t, e, dial.Handshake, "")
}

// TestRealRedisOpen is one without a password, which refuses one.
func TestRealRedisOpen(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	port := freeport.For(t)
	start(t, port, exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()))
	e := dial.Endpoint{Kind: dial.Redis, Host: "127.0.0.1", Port: port}
	fine(t, e)
	e.Password = "unasked"
	wants(t, e, dial.Login, "without any password configured")
	e.Password, e.Kind, e.User = "", dial.PostgreSQL, "shop"
	e.Security = dial.Preferred
	if f := (dial.Dialer{Timeout: time.Second}).Dial(t.Context(), e); f == nil {
		t.Error("a Redis passes for a PostgreSQL")
	}
}

// TestRealPostgreSQL holds the dialler against PostgreSQL, where it is installed. The server refuses to be run by root.
func TestRealPostgreSQL(t *testing.T) {
	t.Parallel()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "gindoctor-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cert, key := tlsFiles(t, dir)
	as := owner(t, dir, cert, key)
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		return cmd
	}
	data := filepath.Join(dir, "data")
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte("right\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, 0o644); err != nil { // the umask may keep it from the server's user
		t.Fatal(err)
	}
	if out, err := command("initdb", "-D", data, "-U", "shop", "--pwfile", secret, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8").CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", err, out)
	}
	rules := "hostssl tlsonly all 127.0.0.1/32 scram-sha-256\nhost tlsonly all 127.0.0.1/32 reject\nhost all old 127.0.0.1/32 md5\nhost all clear 127.0.0.1/32 password\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("local all all trust\n"+rules), 0o644); err != nil {
		t.Fatal(err)
	}
	// A user with a password kept as MD5, and one that is to send it in clear, made before the port is open.
	users := command("postgres", "--single", "-D", data, "postgres")
	users.Stdin = strings.NewReader("CREATE DATABASE shop;\nSET password_encryption='md5'; CREATE ROLE old LOGIN PASSWORD 'right';\nCREATE ROLE clear LOGIN PASSWORD 'right';\n")
	if out, err := users.CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", err, out)
	}
	port := freeport.For(t)
	start(t, port, command("postgres", "-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1", "-k", dir, "-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+key, "-c", "fsync=off"))
	e := dial.Endpoint{Kind: dial.PostgreSQL, Host: "127.0.0.1", Port: port, User: "shop", Password: "right", Database: "shop"}
	ready(t, e)
	for _, mode := range []dial.Security{dial.Plain, dial.Preferred, dial.Required} {
		e.Security = mode
		fine(t, e)
	}
	e.Security = dial.Verified
	if f := wants(t, e, dial.Secure, ""); f != nil && !f.Untrusted {
		t.Errorf("%v", f)
	}
	e.Security = dial.Plain
	for _, name := range []string{"old", "clear"} {
		e.User = name
		fine(t, e)
		e.Password = "wrong"
		wants(t, e, dial.Login, "password authentication failed")
		e.Password = "right"
	}
	e.User, e.Password = "shop", "wrong"
	if f := wants(t, e, dial.Login, "password authentication failed"); f != nil && strings.Contains(f.Error(), "wrong") {
		t.Error("the password is shown")
	}
	e.Password = "right"
	e.Database = "none"
	wants(t, e, dial.Login, "does not exist")
	e.Database = "tlsonly"
	wants(t, e, dial.Login, "")
	e.User, e.Database = "", ""
	fine(t, e)
	e = dial.Endpoint{Kind: dial.PostgreSQL, Socket: filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(port)), User: "shop", Database: "shop"}
	fine(t, e)
}

// ready waits until the server has come up: its port is open before.
func ready(t *testing.T, e dial.Endpoint) {
	t.Helper()
	for range 200 {
		f := dial.Dialer{}.Dial(t.Context(), e)
		if f == nil || !strings.Contains(f.Reason, "starting up") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// owner is who runs the server: the user of the package where we are root.
func owner(t *testing.T, files ...string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Skip("root may not run PostgreSQL, and there is no user postgres")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, f := range files {
		if err := os.Chown(f, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
