package src

import (
	"slices"
	"strings"
	"unicode"

	"github.com/gindoctor/gindoctor/target/engine"
)

// What names say of routes and middleware. Words are compared whole: "author" is not "auth".

// guardWords are in the names of middleware that keeps requests out.
var guardWords = words("auth authn authz authenticate authenticated authentication authenticator authorize authorized authorization authorise authorised " +
	"authorisation authorizer jwt jwtauth token bearer apikey login signin permission permissions rbac abac casbin acl admin protect protected guard " +
	"basicauth keyauth loggedin logged requirelogin requireauth mustlogin role roles privilege enforcer")

// routeWords are in the names of middleware that does nothing without a route, so that nobody adds it for the rest.
var routeWords = words("cors recovery recover logger logging log otelgin otel tracing trace tracer ratelimit ratelimiter limiter throttle timeout gzip metrics prometheus " +
	"requestid session sessions")

// forAllWords are in the names of middleware that nobody keeps from a part of the routes.
var forAllWords = words("cors recovery recover")

// openWords are in the paths of routes that are open to everybody, or that are kept out of logs and the like.
var openWords = words("health healthz healthcheck livez live liveness alive readyz ready readiness startup heartbeat ping pong status version versions build info metrics " +
	"docs doc swagger openapi redoc login logout signin signout signup register registration auth oauth oauth2 oidc sso saml callback token tokens refresh captcha " +
	"verify verification activate activation confirm confirmation forgot reset password public open guest anonymous static assets asset favicon robots sitemap " +
	"webhook webhooks hook hooks well known debug pprof csrf install setup init home index manifest error errors noauth unauth unauthenticated i18n locale locales lang")

// delicateWords are in the paths of what nobody leaves open on purpose.
var delicateWords = words("admin admins account accounts salary salaries payroll wage wages employee employees payment payments payout payouts invoice invoices billing bill bills " +
	"order orders customer customers client clients patient patients user users member members profile profiles me wallet wallets transaction transactions " +
	"transfer transfers balance balances bank card cards secret secrets credential credentials key keys setting settings config permission permissions role roles " +
	"report reports audit private internal contract contracts message messages mail mails document documents backup backups medical tax taxes")

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// split cuts a name into its words, in lower case: at punctuation, and where a capital begins a word.
func split(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return out
}

func hasWord(of map[string]bool, name string) bool {
	list := split(name)
	for i, w := range list {
		if of[w] || i+1 < len(list) && of[w+list[i+1]] {
			return true
		}
	}
	return false
}

// guard tells whether a middleware keeps requests out, by its name.
func guard(h engine.Handler) bool {
	list := split(shortHandler(h))
	return hasWord(guardWords, shortHandler(h)) && !slices.Contains(list, "optional") && !slices.Contains(list, "oauth")
}

// forRoutes tells whether a middleware is there for routes only, by its name.
func forRoutes(h engine.Handler) bool { return guard(h) || hasWord(routeWords, shortHandler(h)) }

// forAll tells whether a middleware is one that nobody keeps from a part of the routes, by its name.
func forAll(h engine.Handler) bool { return hasWord(forAllWords, shortHandler(h)) }

// shortHandler is the name of a handler without the folders of its package, or what stands there.
func shortHandler(h engine.Handler) string {
	name := h.Name
	if name == "" {
		name = h.Src
	}
	if strings.HasSuffix(name, ".func") { // a literal: the function around it says nothing
		return ""
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// open tells whether a route is one that everybody may call, by its path or the function that registers it.
func open(o engine.Op) bool {
	if hasWord(openWords, o.Path) || strings.HasPrefix(o.Name, "Static") {
		return true
	}
	own := o.Path
	if o.Group != nil {
		own = strings.TrimPrefix(o.Path, o.Group.Prefix)
	}
	if strings.Trim(own, "/") == "" && (o.Group == nil || o.Group.Parent == nil) {
		return true // the front page
	}
	function := o.Func[strings.LastIndexByte(o.Func, '.')+1:]
	return hasWord(words("public open guest unauth noauth anonymous"), function)
}

// delicate tells whether a route deals with what nobody leaves open on purpose: by the words of its path, or because it changes or
// deletes something that is there.
func delicate(o engine.Op) bool {
	if hasWord(delicateWords, o.Path) {
		return !(len(o.Methods) == 1 && o.Methods[0] == "POST") // who signs up or orders need not be known
	}
	return slices.ContainsFunc(o.Methods, func(m string) bool { return m == "PUT" || m == "PATCH" || m == "DELETE" })
}

// resourceOf is the first constant segment of a route's path below its group.
func resourceOf(o engine.Op) string {
	rest := strings.Trim(strings.TrimPrefix(o.Path, o.Group.Prefix), "/")
	first, _, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(first, ":") || strings.HasPrefix(first, "*") {
		return ""
	}
	return first
}
