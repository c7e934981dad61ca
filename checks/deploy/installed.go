package deploy

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// asInstalled holds a unit that is installed on this machine against what is there.
func asInstalled(u *unit) error {
	if !u.installed {
		return nil
	}
	lacks := func(o artefact.UnitOption, message checks.Message, result string) {
		u.atOption(o, checks.Finding{
			Message: message,
			Why:     checks.Msg("The unit fails with %s at its next start.", result),
			Help:    checks.Msg("install it, or write what is there; then systemctl daemon-reload"),
			Key:     "installed " + o.Key.Value,
		})
	}
	if o, ok := u.Get("Service", "ExecStart"); ok {
		if name := u.Program().Value; plainPath(name) && u.noFile(name) {
			lacks(o, checks.Msg("there is no %s on this machine", name), "203/EXEC")
		}
	}
	if o, ok := u.Get("Service", "WorkingDirectory"); ok && plainPath(o.Value.Value) && !u.madeBySystemd(o.Value.Value) && u.noFolder(o.Value.Value) {
		lacks(o, checks.Msg("there is no folder %s on this machine", o.Value.Value), "200/CHDIR")
	}
	for _, o := range u.All("Service", "EnvironmentFile") {
		if plainPath(o.Value.Value) && !strings.ContainsAny(o.Value.Value, "*?[") && u.noFile(o.Value.Value) {
			lacks(o, checks.Msg("there is no %s on this machine", o.Value.Value), "result 'resources'")
		}
	}
	for _, key := range []string{"StandardOutput", "StandardError"} {
		o, ok := u.Get("Service", key)
		kind, file, _ := strings.Cut(o.Value.Value, ":")
		if ok && slices.Contains([]string{"append", "file", "truncate"}, kind) && plainPath(file) && !u.madeBySystemd(path.Dir(file)) && u.noFolder(path.Dir(file)) {
			lacks(o, checks.Msg("there is no folder %s on this machine for the log", path.Dir(file)), "209/STDOUT")
		}
	}
	if o, ok := u.Get("Service", "User"); ok && !strings.ContainsAny(o.Value.Value, "% #") && u.Value("Service", "DynamicUser") != "yes" && noUser(u.ctx, u.t, o.Value.Value) {
		lacks(o, checks.Msg("there is no user %s on this machine", o.Value.Value), "217/USER")
	}
	return nil
}

func plainPath(name string) bool { return path.IsAbs(name) && !strings.ContainsAny(name, "%$#") }

func (u *unit) noFile(name string) bool {
	_, err := u.t.Host().ReadFile(u.ctx, name)
	return errors.Is(err, fs.ErrNotExist)
}

func (u *unit) noFolder(name string) bool { return noFolder(u.ctx, u.t, name) }

func noFolder(ctx context.Context, t *target.Target, name string) bool {
	_, err := t.Host().ReadDir(ctx, name)
	return errors.Is(err, fs.ErrNotExist)
}

// madeBySystemd tells whether systemd makes a folder before it starts the program (StateDirectory= and its like).
func (u *unit) madeBySystemd(dir string) bool {
	for key, above := range map[string]string{"StateDirectory": "/var/lib", "LogsDirectory": "/var/log", "RuntimeDirectory": "/run", "CacheDirectory": "/var/cache", "ConfigurationDirectory": "/etc"} {
		for _, name := range strings.Fields(u.Value("Service", key)) {
			if made := path.Join(above, name); dir == made || strings.HasPrefix(made, dir+"/") {
				return true
			}
		}
	}
	return false
}

// noUser tells whether a user is not there for certain: where names come from other places than files, nothing is said.
func noUser(ctx context.Context, t *target.Target, name string) bool {
	if name == "" || strings.Trim(name, "0123456789") == "" {
		return false
	}
	from, err := t.Host().ReadFile(ctx, "/etc/nsswitch.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	for line := range strings.Lines(string(from)) {
		if sources, ok := strings.CutPrefix(strings.TrimSpace(line), "passwd:"); ok {
			for _, source := range strings.Fields(sources) {
				if source != "files" && source != "systemd" && source != "compat" {
					return false
				}
			}
		}
	}
	users, err := t.Host().ReadFile(ctx, "/etc/passwd")
	return err == nil && !strings.Contains("\n"+string(users), "\n"+name+":")
}

// asInstalled holds a section that is installed on this machine against what is there.
func (s *supervised) asInstalled() error {
	if !s.installed {
		return nil
	}
	lacks := func(key string, v artefact.Text, message, why checks.Message) {
		s.at(v.Span, checks.Finding{Severity: checks.Error, Message: message, Why: why, Help: checks.Msg("make it, or write what is there; then supervisorctl update"), Key: "installed " + key})
	}
	refuses := checks.Msg("supervisord does not start with this file, and none of its programs runs; a running one refuses to reread it.")
	for _, key := range []string{"stdout_logfile", "stderr_logfile"} {
		if v := s.Get(key); plainPath(v.Value) && noFolder(s.ctx, s.t, path.Dir(v.Value)) {
			lacks(key, v, checks.Msg("there is no folder %s on this machine for the log", path.Dir(v.Value)), refuses)
		}
	}
	if v := s.Get("user"); !strings.Contains(v.Value, "%") && noUser(s.ctx, s.t, v.Value) {
		lacks("user", v, checks.Msg("there is no user %s on this machine", v.Value), refuses)
	}
	if v := s.Get("directory"); plainPath(v.Value) && noFolder(s.ctx, s.t, v.Value) {
		lacks("directory", v, checks.Msg("there is no folder %s on this machine", v.Value), checks.Msg("The program ends with status 127 before it begins, over and over."))
	}
	return nil
}
