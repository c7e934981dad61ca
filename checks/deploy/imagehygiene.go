package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// ImageHygiene finds what makes an image larger, less safe or less steady than it need be.
var ImageHygiene = checks.Check{
	ID:       "deploy/image-hygiene",
	Title:    "the image holds more than it needs, or is less steady than it could be",
	Stage:    checks.Package,
	Severity: checks.Info,
	Profiles: checks.CI,
	Run:      imageHygiene,
}

func imageHygiene(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := t.Images(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	asked := false
	for _, i := range images {
		if i.Deployed == nil {
			continue
		}
		asked = true
		for _, ask := range []func(*target.Image) []checks.Finding{secretFiles, secretVariables, rootFolder, rootUser, floating, toolchainShipped, noIgnore, unseenArguments, ignoredCommand, relativeWorkdir} {
			for _, f := range ask(i) {
				f.Service = i.Module.Dir
				report(f)
			}
		}
	}
	if !asked {
		return noImages()
	}
	return nil
}

// secretNames are files that hold secrets, and nothing that a server serves.
var secretNames = []string{".env", ".env.local", ".env.production", ".env.prod", "id_rsa", "id_ed25519", ".npmrc", ".netrc"}

// secretFiles tells of files with secrets that a COPY takes into the image.
func secretFiles(i *target.Image) []checks.Finding {
	names := i.Named(i.State, secretNames...)
	if len(names) == 0 {
		return nil
	}
	name, at := names[0], i.Stage.Span
	for _, s := range i.Stage.Chain() {
		for _, c := range s.Copies {
			at = c.Span
		}
	}
	return []checks.Finding{{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("the image holds %s", name),
		Why:      checks.Msg("Whoever can pull the image reads what is in it, and deleting the file in a later layer does not take it away."),
		Help:     checks.Msg("name %s in .dockerignore, and give the values when the container is started", path.Base(name)),
		Location: spanAt(i.Dockerfile.Path, at), Key: "secret " + path.Base(name),
	}}
}

var (
	secretVariable = lazyregexp.New(`(?i)(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY)$`)
	noSecret       = lazyregexp.New(`(?i)^(true|false|\d{0,3}|/.*|.*change.?me.*|.*example.*|your.*|xxx*|<.*>|none|null)$`)
)

// secretVariables tells of secrets in ENV.
func secretVariables(i *target.Image) []checks.Finding {
	var out []checks.Finding
	for _, s := range i.Stage.Environment() {
		if s.Value.Origin != artefact.Literal || s.Value.Value == "" || !secretVariable.MatchString(s.Name.Value) || noSecret.MatchString(s.Value.Value) {
			continue
		}
		out = append(out, checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("ENV %s writes a secret into the image", s.Name.Value),
			Why:      checks.Msg("docker inspect shows it to whoever can pull the image."),
			Help:     checks.Msg("take the line out, and give %s when the container is started", s.Name.Value),
			Location: spanAt(i.Dockerfile.Path, s.Name.Span), Key: "ENV " + s.Name.Value,
		})
	}
	return out
}

// inRootFolder tells whether the program of an image lies in the home folder of root.
func inRootFolder(i *target.Image) bool {
	return strings.HasPrefix(i.Runs, "/root/") || i.Dir == "/root" && i.Build != nil
}

// rootFolder tells of a program in /root that another user is to run: the folder is root's alone (mode 0700).
func rootFolder(i *target.Image) []checks.Finding {
	user := i.User()
	base, known := i.Base()
	if !known || !base.Known() || base.Repo == "scratch" { // whose /root is it?
		return nil
	}
	if !user.Known() || user.IsZero() || isRoot(user.Value) || !inRootFolder(i) {
		return nil
	}
	for _, s := range i.Stage.Chain() {
		for _, r := range s.Runs {
			if strings.Contains(r.Line.Value, "/root") || strings.Contains(r.Line.Value, "chmod") || strings.Contains(r.Line.Value, "chown") {
				return nil
			}
		}
	}
	return []checks.Finding{{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("the user %s cannot enter /root, where the program is", user.Value),
		Why:      checks.Msg("The container ends at once: “permission denied”. /root is open to root alone."),
		Help:     checks.Msg("write WORKDIR /app in place of /root, and copy the program there"),
		Location: spanAt(i.Dockerfile.Path, user.Span), Key: "/root",
	}}
}

func isRoot(user string) bool {
	user, _, _ = strings.Cut(user, ":")
	return user == "root" || user == "0"
}

// rootUser tells of a program that runs as root.
func rootUser(i *target.Image) []checks.Finding {
	base, known := i.Base()
	user := i.User()
	if !user.IsZero() && (!user.Known() || !isRoot(user.Value)) || !known || !base.Known() || strings.Contains(base.Tag, "nonroot") || strings.HasPrefix(base.Repo, "cgr.dev/chainguard/") || dev(i) || i.Opaque() {
		return nil
	}
	return []checks.Finding{{
		Message:  checks.Msg("the program runs as root"),
		Why:      checks.Msg("Whoever breaks into it owns all that the container has, mounted folders too."),
		Help:     checks.Msg("write USER 65532:65532 in the last stage"),
		Location: spanAt(i.Dockerfile.Path, i.Stage.Span), Key: "root " + i.Stage.Title(),
	}}
}

// dev tells whether the image is one to work in: what it starts builds.
func dev(i *target.Image) bool {
	entrypoint, cmd := i.Stage.Starts()
	return slices.ContainsFunc(artefact.Started(entrypoint, cmd), func(w string) bool {
		return slices.Contains([]string{"go", "air", "CompileDaemon", "reflex", "wgo", "gow", "fresh", "dlv", "make"}, path.Base(w))
	})
}

// floating tells of base images without a version, of each once.
func floating(i *target.Image) []checks.Finding {
	var out []checks.Finding
	for _, s := range i.Path() {
		ref := image.ParseRef(s.Base.Value)
		if s.Parent != nil || !s.Base.Known() || ref.Repo == "scratch" || ref.Digest != "" || ref.Tag != "" && ref.Tag != "latest" || strings.HasPrefix(ref.Repo, "gcr.io/distroless/") {
			continue
		}
		out = append(out, checks.Finding{
			Message:  checks.Msg("FROM %s means another image from time to time", s.Base.Value),
			Why:      checks.Msg("The same Dockerfile builds something else next month."),
			Help:     checks.Msg("name a version: FROM %s:VERSION", ref.Repo),
			Location: spanAt(i.Dockerfile.Path, s.Base.Span), Key: "floating " + ref.Repo,
		})
	}
	return out
}

// toolchainShipped tells of an image that has the whole Go toolchain in it.
func toolchainShipped(i *target.Image) []checks.Finding {
	base, known := i.Base()
	if !known || !base.Golang() || i.Build == nil || dev(i) || !i.Final {
		return nil
	}
	return []checks.Finding{{
		Message:  checks.Msg("the image ships the Go toolchain and the source"),
		Why:      checks.Msg("It is some 800 MB larger than the program, and whoever gets in has a compiler."),
		Help:     checks.Msg("add a last stage: FROM gcr.io/distroless/static-debian12:nonroot and COPY --from the program"),
		Location: spanAt(i.Dockerfile.Path, i.Stage.Chain()[0].Base.Span), Key: "single stage",
	}}
}

// noIgnore tells of a context that is sent whole.
func noIgnore(i *target.Image) []checks.Finding {
	if i.Context.Ignore != "" {
		return nil
	}
	for _, s := range i.Path() {
		for _, c := range s.Copies {
			if c.From.Value == "" && slices.ContainsFunc(c.Sources, func(t artefact.Text) bool { return path.Clean("/"+t.Value) == "/" }) {
				return []checks.Finding{{
					Message:  checks.Msg("everything is copied, and there is no .dockerignore"),
					Why:      checks.Msg(".git, .env and builds of other systems go into the image, and each change of one of them builds all anew."),
					Help:     checks.Msg("write a .dockerignore with .git, .env and what is built"),
					Location: spanAt(i.Dockerfile.Path, c.Span), Key: "no .dockerignore",
				}}
			}
		}
	}
	return nil
}
