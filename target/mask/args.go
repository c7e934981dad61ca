// Package mask hides secrets in what is shown: command lines, messages, lines of files. It masks too much rather than too little,
// except in source code, where a word such as key is most often none.
package mask

import (
	"strings"
	"unicode"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Masked stands for a secret that is not shown.
const Masked = "***"

// Args gives a command line that may be shown: the values of flags and assignments whose names sound secret, passwords
// inside URLs and connection strings, and tokens of well-known shapes are replaced by ***. It masks too much rather than
// too little. The slice given is left as it is.
func Args(args []string) []string {
	masked := make([]string, len(args))
	for i, arg := range args {
		switch {
		case i > 0 && takesSecret(args[i-1]) && !isFlag(arg):
			masked[i] = Masked
		case i > 0 && isShellText(args[i-1]):
			masked[i] = Text(arg)
		default:
			masked[i] = argument(arg)
		}
	}
	return masked
}

// Text masks the secrets in free text: a shell command, a log line, a connection string.
func Text(text string) string {
	// What stands by itself first: a name=value inside a URL would otherwise swallow the rest of it.
	text = tokenShape.ReplaceAllString(text, Masked)
	text = argumentURL.ReplaceAllString(text, "${1}"+Masked+"@")
	text = driverPassword.ReplaceAllString(text, "${1}"+Masked+"${2}")
	text = authorization.ReplaceAllString(text, "${1}"+Masked)
	return named(named(text, assigned), flagged)
}

var (
	// scheme://user:password@host; a password may itself hold an @, so the last one before the host counts. Quotes are part of an
	// argument; in a line of a file they end it (fileURL).
	argumentURL = lazyregexp.New(`([A-Za-z][A-Za-z0-9+.\-]*://[^\s/?#:@]*:)[^\s/?#]*@`)
	// user:password@tcp(host:3306)/db, the form of go-sql-driver/mysql.
	driverPassword = lazyregexp.New(`([^\s:@/"'=]+:)[^\s]*(@(?:tcp|unix|tcp6|cloudsql)\()`)
	// Authorization: Bearer xyz, as given to curl and its like.
	authorization = lazyregexp.New(`(?i)(authorization:\s*(?:bearer|basic|token)?\s*)[^\s"']+`)
	// name=value and name: value, then --name value, inside a text; whether the name is a secret one is asked in Go.
	assigned = lazyregexp.New(`([A-Za-z_][A-Za-z0-9_.\-]*)(\s*=\s*|:\s*)("[^"]*"|'[^']*'|[^\s&;,"']+)`)
	flagged  = lazyregexp.New(`(--?[A-Za-z][A-Za-z0-9_.\-]*)(\s+)("[^"]*"|'[^']*'|[^\s\-"'][^\s"']*)`)
)

// named masks the values that a pattern of name, separator and value finds under secret names.
func named(text string, pattern *lazyregexp.Regexp) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		m := pattern.FindStringSubmatch(found)
		if !SecretName(m[1]) || strings.HasPrefix(m[3], "//") { // "token://host" is a scheme
			return found
		}
		return m[1] + m[2] + Masked
	})
}

// argument masks one argument: a whole NAME=value or --name=value where the name is a secret one, else what is in it.
func argument(arg string) string {
	if name, _, ok := strings.Cut(arg, "="); ok && SecretName(name) && !strings.ContainsAny(name, " \t:/?") {
		return name + "=" + Masked
	}
	return Text(arg)
}

func isFlag(arg string) bool { return strings.HasPrefix(arg, "-") && len(arg) > 1 }

// takesSecret tells whether an argument is a flag whose value is the next one and secret.
func takesSecret(arg string) bool {
	return isFlag(arg) && !strings.Contains(arg, "=") && SecretName(arg)
}

// isShellText tells whether the argument after this one is a command for a shell: sh -c, bash -lc.
func isShellText(arg string) bool {
	return len(arg) >= 2 && len(arg) <= 4 && arg[0] == '-' && strings.HasSuffix(arg, "c")
}

// secretParts make a name a secret one wherever they stand in it, secretWords only as words of their own ("api-key" but
// not "monkey", "DB_PWD" but not PWD, the working folder).
var (
	secretParts = []string{"password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey"}
	secretWords = map[string]bool{"key": true, "keys": true, "dsn": true, "pass": true, "pwd": true, "pw": true, "auth": true}
)

// SecretName tells whether a flag, variable or key of this name holds a secret.
func SecretName(name string) bool {
	name = strings.TrimLeft(name, "-")
	if name == "" || name == "PWD" || name == "pwd" || name == "OLDPWD" {
		return false
	}
	flat := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	for _, part := range secretParts {
		if strings.Contains(flat, part) {
			return true
		}
	}
	for _, word := range nameWords(name) {
		if secretWords[word] {
			return true
		}
	}
	return false
}

// nameWords splits "dbKey", "db-key", "DB_KEY" and "db.key" into their words, in lower case.
func nameWords(name string) []string {
	var spaced strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsUpper(r) && lower:
			spaced.WriteRune(' ')
		}
		lower = unicode.IsLower(r)
		spaced.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(spaced.String())
}
