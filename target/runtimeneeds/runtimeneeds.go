// Package runtimeneeds tells what a program needs around it where it runs, besides its own files: a C library, root certificates
// for the TLS connections that it makes, the files of time zones. It has no opinion: whether they are there is for others to say.
package runtimeneeds

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
)

// Place is a place in a file of the project.
type Place = needs.Place

// Certainty says how sure a need is.
type Certainty int

// The certainties, surest first.
const (
	Literal    Certainty = iota // it stands in the code
	Default                     // what stands in the code may be replaced by a setting
	Likely                      // a library is used for nothing else
	Unresolved                  // what is named is only known when the program runs
)

func (c Certainty) String() string {
	return [...]string{"literal", "default", "likely", "unresolved"}[c]
}

// Program is what one main package needs.
type Program struct {
	Main  *project.Package
	Cgo   []Cgo
	TLS   []TLS
	Zones []Zone
	// Net and User say that packages net and os/user are built in: with cgo on they call the C library, so that the program is
	// linked against it, unless the tags netgo and osusergo are set.
	Net, User bool
	// Roots is the package that brings root certificates of its own, "" without; ZoneData says that zone files are built in.
	Roots    string
	ZoneData bool
	// Vital are the calls that open a file without which the program ends at each start; Settings says that it ends so where viper
	// finds no configuration.
	Vital    map[Place]bool
	Settings bool
	// Complete is false where a module could not be read: there may be more.
	Complete bool
}

// Cgo is a package with C code.
type Cgo struct {
	Package string
	Module  string // with version; empty for one of the project's own
	At      Place  // of the import that leads there first; the zero Place where a foreign package imports it
	By      string // the foreign package that imports it, empty for the project's own
	// Without says what becomes of it in a build without cgo: "stub" compiles, and fails when it is used; "broken" does not compile;
	// "pure" has Go code in its place.
	Without string
}

// TLS is a connection with TLS that the program makes to somewhere else.
type TLS struct {
	To        string // what is named: an address, a library
	At        Place
	Certainty Certainty
}

// Zone is a time zone that is loaded by its name.
type Zone struct {
	Name      string // as written where it is not known
	At        Place
	Certainty Certainty
}

// Read reads the programs of a module, by folder.
func Read(ctx context.Context, root string, im *project.Imports, facts *envvars.Facts) ([]*Program, error) {
	var out []*Program
	for _, reads := range facts.Programs {
		packages := needs.Packages(root, im, []*project.Package{reads.Main})
		var files []*project.GoFile
		for _, p := range packages {
			files = append(files, p.Files...)
		}
		reached, err := im.ReadReached(ctx, files)
		if err != nil {
			return nil, err
		}
		p := &Program{Main: reads.Main, Complete: reached.Complete}
		r := reader{p, im, reached, files, envvars.ReadCode(root, im, packages)}
		r.cgo()
		r.tls()
		r.zones()
		r.vital()
		out = append(out, p)
	}
	return out, nil
}

type reader struct {
	out     *Program
	im      *project.Imports
	reached *project.Reached
	files   []*project.GoFile
	code    *envvars.Code
}

// stubs are drivers that compile without cgo and fail when they are used.
var stubs = []string{"github.com/mattn/go-sqlite3", "github.com/mutecomm/go-sqlcipher", "github.com/mutecomm/go-sqlcipher/v4"}

func (r reader) cgo() {
	r.out.Net, r.out.User = r.reached.Has("net") || r.reached.Has("net/http"), r.reached.Has("os/user")
	for _, f := range r.files {
		for _, i := range f.Imports {
			if i.Path == "C" {
				r.out.Cgo = append(r.out.Cgo, Cgo{Package: f.Dir(), At: Place{File: f.Path, Position: i.Pos}, Without: "broken"})
			}
		}
	}
	for _, p := range r.reached.Packages {
		if !p.Cgo {
			continue
		}
		c := Cgo{Package: p.Path, Module: p.Module.String(), By: p.By, Without: "broken"}
		switch {
		case slices.Contains(stubs, p.Path):
			c.Without = "stub"
		case p.Pure:
			c.Without = "pure"
		}
		c.At = r.imported(func(path string) bool { return path == p.Path })
		r.out.Cgo = append(r.out.Cgo, c)
	}
}

// imported is the first place in the program's own files that imports a package for which ok holds.
func (r reader) imported(ok func(path string) bool) Place {
	for _, f := range r.files {
		for _, i := range f.Imports {
			if ok(i.Path) {
				return Place{File: f.Path, Position: i.Pos}
			}
		}
	}
	return Place{}
}

// rootPackages bring root certificates with them.
var rootPackages = []string{"golang.org/x/crypto/x509roots/fallback", "github.com/gwatts/rootcerts", "github.com/certifi/gocertifi", "github.com/breml/rootcerts"}

// clients are libraries that talk TLS to a service of somebody else's, and nothing else is done with them.
var clients = []string{
	"cloud.google.com/go", "firebase.google.com/go", "google.golang.org/api",
	"github.com/Azure/azure-sdk-for-go", "github.com/aliyun/", "github.com/aws/aws-sdk-go", "github.com/aws/aws-sdk-go-v2/service",
	"github.com/getsentry/sentry-go", "github.com/mailgun/mailgun-go", "github.com/openai/openai-go", "github.com/qiniu/go-sdk",
	"github.com/sashabaranov/go-openai", "github.com/sendgrid/sendgrid-go", "github.com/slack-go/slack", "github.com/stripe/stripe-go",
	"github.com/tencentcloud/", "github.com/twilio/twilio-go", "golang.org/x/crypto/acme", "golang.org/x/oauth2", "github.com/google/go-github",
	"gopkg.in/gomail.v2", "github.com/go-gomail/gomail", "github.com/wneessen/go-mail", "net/smtp",
}

// schemes are those of addresses that are always dialled with TLS, and of data source names that ask for it.
var schemes = []string{"rediss://", "amqps://", "mongodb+srv://", "sslmode=verify-full", "sslmode=verify-ca", "tls=true"}

func (r reader) tls() {
	for _, p := range rootPackages {
		if r.reached.Has(p) {
			r.out.Roots = p
		}
	}
	for _, c := range r.code.Calls([]string{"http.", "resty."}, func(path, name string) bool {
		return path == "net/http" && requestArg(name) >= 0 || path == "" && slices.Contains(requestMethods, name)
	}) {
		r.request(c)
	}
	for _, c := range r.code.Calls([]string{"tls."}, func(path, name string) bool { return path == "crypto/tls" && dialArg(name) >= 0 }) {
		if i := dialArg(c.Name); i < len(c.Args) {
			r.addTLS(strings.Trim(c.Args[i].Written, `"`), c.At, Literal)
		}
	}
	r.code.Texts(schemes, func(text string, at Place) {
		for _, s := range schemes {
			if strings.Contains(text, s) {
				r.addTLS(strings.TrimSuffix(s, "://"), at, Default)
			}
		}
	})
	for _, lib := range clients {
		found := ""
		at := r.imported(func(path string) bool {
			if path == lib || strings.HasPrefix(path, strings.TrimSuffix(lib, "/")+"/") {
				found = path
				return true
			}
			return false
		})
		if found != "" {
			r.addTLS(found, at, Likely)
		}
	}
	slices.SortStableFunc(r.out.TLS, func(a, b TLS) int { return int(a.Certainty) - int(b.Certainty) })
}

// requestArg is which argument of a function of net/http is the address to ask; -1 for a function that asks nobody.
func requestArg(name string) int {
	switch name {
	case "Get", "Head", "Post", "PostForm":
		return 0
	case "NewRequest":
		return 1
	case "NewRequestWithContext":
		return 2
	}
	return -1
}

// requestMethods are methods of net/http's client and of those that are made like it, which get an address, or the one that all
// their addresses begin with.
var requestMethods = []string{"Get", "Head", "Post", "PostForm", "Put", "Patch", "Delete", "SetBaseURL", "SetHostURL"}

// dialArg is the argument of a function of crypto/tls that names the other side; -1 for one that dials nobody.
func dialArg(name string) int {
	switch name {
	case "Dial":
		return 1
	case "DialWithDialer":
		return 2
	}
	return -1
}

// request takes down an address that is asked over TLS. What a setting may replace is a default.
func (r reader) request(c envvars.Call) {
	i := 0
	if c.Path != "" {
		i = requestArg(c.Name)
	}
	if i >= len(c.Args) {
		return
	}
	begins := r.code.Begins(c.Args[i])
	told := map[string]bool{}
	for _, b := range begins {
		if !strings.HasPrefix(strings.ToLower(b.Text), "https://") || told[hostOf(b.Text)] {
			continue
		}
		told[hostOf(b.Text)] = true
		certainty := Default
		if b.Sure {
			certainty = Literal
		}
		r.addTLS(hostOf(b.Text), c.At, certainty)
	}
	if len(begins) == 0 && c.Path != "" {
		r.addTLS(c.Args[i].Written, c.At, Unresolved)
	}
}

// hostOf is the host of an address: what stands behind it may hold a secret.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if host == "" {
		host = "…" // computed
	}
	return "https://" + host
}

func (r reader) addTLS(to string, at Place, c Certainty) {
	r.out.TLS = append(r.out.TLS, TLS{To: to, At: at, Certainty: c})
}

func (r reader) zones() {
	r.out.ZoneData = r.reached.Has("time/tzdata") || slices.Contains(r.im.Resolver.Settings.Build.Tags, "timetzdata")
	for _, c := range r.code.Calls([]string{"LoadLocation"}, func(path, name string) bool { return path == "time" && name == "LoadLocation" }) {
		if len(c.Args) != 1 {
			continue
		}
		arg := c.Args[0]
		for _, name := range arg.Texts {
			r.addZone(name, c.At, Literal)
		}
		if len(arg.Texts) == 0 && !r.zoneFrom(c, arg) {
			r.out.Zones = append(r.out.Zones, Zone{Name: arg.Written, At: c.At, Certainty: Unresolved})
		}
	}
	r.code.Texts([]string{"loc="}, func(text string, at Place) { // of the MySQL driver
		_, rest, ok := strings.Cut(strings.ReplaceAll(text, "%%", "%"), "loc=")
		if name, _, _ := strings.Cut(rest, "&"); ok && strings.Contains(text, "@") && !strings.ContainsAny(name, "% ") || strings.Contains(name, "%2F") {
			r.addZone(strings.ReplaceAll(name, "%2F", "/"), at, Default)
		}
	})
}

// addZone notes a zone that needs a file: UTC and Local do not.
// zoneFrom takes down the zones that an argument may name, where the code says so; false where it says none.
func (r reader) zoneFrom(c envvars.Call, arg envvars.Arg) bool {
	found := false
	for _, b := range r.code.Begins(arg) {
		if !b.Whole {
			continue
		}
		found = true
		certainty := Default
		if b.Sure {
			certainty = Literal
		}
		r.addZone(b.Text, c.At, certainty)
	}
	return found
}

func (r reader) addZone(name string, at Place, c Certainty) {
	if name != "" && name != "UTC" && name != "Local" {
		r.out.Zones = append(r.out.Zones, Zone{Name: name, At: at, Certainty: c})
	}
}

// vital finds the files without which the program does not start.
func (r reader) vital() {
	r.out.Vital = map[Place]bool{}
	words := []string{"os.Open", "ReadFile", "ReadDir", "godotenv", "LoadX509KeyPair", "ReadInConfig"}
	for _, c := range r.code.Calls(words, func(path, name string) bool {
		switch path {
		case "os", "io/ioutil":
			return name == "Open" || name == "ReadFile" || name == "ReadDir"
		case "crypto/tls":
			return name == "LoadX509KeyPair"
		case "github.com/joho/godotenv":
			return name == "Load" || name == "Overload" || name == "Read"
		case "", "github.com/spf13/viper":
			return name == "ReadInConfig"
		}
		return false
	}) {
		if !r.code.Vital(c) {
			continue
		}
		if c.Name == "ReadInConfig" {
			r.out.Settings = true
		}
		r.out.Vital[c.At] = true
	}
}
