package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/internal/typo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

var (
	// imageReference is the name of an image, as the builder takes it (distribution/reference, regexp.go), letters of a host in any case.
	imageReference = lazyregexp.New(`^[\w.-]+(:\d+)?(/[\w.-]+)*(:\w[\w.-]{0,127})?(@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$`)
	filledIn       = lazyregexp.New(`\benvsubst\b|\bm4\b|\bgomplate\b`)
	namedContext   = lazyregexp.New(`--build-context|additional_contexts|\bcontexts\s*=`)
	// official are images that are called by one word, and that a stage may be called after.
	official = strings.Fields(`alpine bash busybox caddy composer debian docker fedora golang gradle haproxy httpd maven mariadb memcached mongo
		mysql nginx node perl php postgres python rabbitmq redis registry ruby rust swift traefik ubuntu vault`)
)

// unbuildable tells of a Dockerfile that parses, and that the builder then refuses for its arguments and stages.
func unbuildable(ctx context.Context, t *target.Target, d *artefact.Dockerfile, report checks.Reporter) error {
	if d.Skipped != "" || d.Err != nil || syntaxLine.Match(d.Text) && refusal(ctx, t, nil, d.File, &artefact.ParseError{}).why == "" {
		return nil
	}
	for _, s := range d.Stages {
		if err := undeclaredBase(ctx, t, s, report); err != nil {
			return err
		}
		exposesNoPort(s, report)
		for _, c := range s.Copies {
			if err := misspeltStage(ctx, t, d, c, report); err != nil {
				return err
			}
		}
	}
	return nil
}

// undeclaredBase tells of an argument in FROM that no ARG declares: it is nothing, whatever the builder is handed.
func undeclaredBase(ctx context.Context, t *target.Target, s *artefact.Stage, report checks.Reporter) error {
	if len(s.Undeclared) == 0 || s.Parent != nil {
		return nil
	}
	if filled, err := t.ArtefactsSay(ctx, filledIn); err != nil || filled {
		return err
	}
	name := s.Undeclared[0]
	f := checks.Finding{
		Severity: checks.Warning,
		Message:  checks.Msg("FROM uses %s, and no ARG above it declares it", name),
		Why:      checks.Msg("It is empty there, even where the builder is given --build-arg %s=... .", name),
		Help:     checks.Msg("write ARG %s=... above the first FROM", name),
		Location: spanAt(s.File.Path, s.Base.Span),
		Key:      "undeclared " + name,
	}
	if within := len(s.File.Stages) > 1 && declaredWithin(s.File, name); within {
		f.Evidence = []checks.Message{checks.Msg("the ARG %s within a stage counts for that stage alone", name)}
	}
	if open := strings.Contains(s.Base.Value, "$"); !open && !imageReference.MatchString(s.Base.Value) && s.Base.Value != "scratch" {
		f.Severity = checks.Error
		f.Why = checks.Msg("It is empty there, and the image is not built: %q is no name of an image.", s.Base.Value)
		if s.Base.Value == "" {
			f.Why = checks.Msg("It is empty there, and the image is not built: the base name should not be blank.")
		}
	}
	report(f)
	return nil
}

func declaredWithin(d *artefact.Dockerfile, name string) bool {
	return slices.ContainsFunc(d.Stages, func(s *artefact.Stage) bool {
		return slices.ContainsFunc(s.Args, func(a artefact.Arg) bool { return a.Name.Value == name })
	})
}

// misspeltStage tells of COPY --from= with a name that is nearly that of a stage: the builder looks for an image of that name.
func misspeltStage(ctx context.Context, t *target.Target, d *artefact.Dockerfile, c artefact.Copy, report checks.Reporter) error {
	name := c.From.Value
	if c.Stage != nil || name == "" || c.From.Origin != artefact.Literal || strings.ContainsAny(name, "/:@.$") || slices.Contains(official, name) {
		return nil
	}
	near := ""
	for _, s := range d.Stages {
		if s.Name.Value == "" {
			continue
		}
		if strings.EqualFold(s.Name.Value, name) {
			return nil
		}
		if typo.For(name, s.Name.Value, shortName) || oneBegins(name, s.Name.Value) {
			near = s.Name.Value
		}
	}
	if near == "" {
		return nil
	}
	if contexts, err := t.ArtefactsSay(ctx, namedContext); err != nil || contexts {
		return err
	}
	f := checks.Finding{
		Severity:   checks.Warning,
		Confidence: checks.Likely,
		Message:    checks.Msg("COPY --from=%s names no stage of the file; did you mean %s?", name, near),
		Why:        checks.Msg("The builder takes it for an image and asks the registry for docker.io/library/%s. Where there is none, the image is not built.", name),
		Help:       checks.Msg("write --from=%s", near),
		Location:   spanAt(d.Path, c.From.Span),
		Key:        "stage " + name,
	}
	if c.From.Plain() {
		f.Fix = writeInstead(d.Path, c.From, near)
		f.Fix.Safety = plan.Unsafe
	}
	report(f)
	return nil
}

// oneBegins tells whether one of two names is the beginning of the other: "build", "builder".
func oneBegins(a, b string) bool {
	return min(len(a), len(b)) >= len("build") && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// noSuchStage tells of a compose service that is built to a stage which its Dockerfile does not have.
func noSuchStage(set *artefact.Set, d *artefact.Dockerfile, report checks.Reporter) {
	if d.Skipped != "" || d.Err != nil || len(d.Stages) == 0 {
		return
	}
	for _, c := range artefact.Of[*artefact.Compose](set) {
		for _, s := range c.Services {
			if s.Build == nil || s.Build.Target.IsZero() || s.Build.Target.Origin != artefact.Literal || s.DockerfilePath() != d.Path || d.Stage(s.Build.Target.Value) != nil {
				continue
			}
			var names []string
			for _, stage := range d.Stages {
				names = append(names, stage.Title())
			}
			report(checks.Finding{
				Message:  checks.Msg("%s has no stage %s", d.Path, s.Build.Target.Value),
				Why:      checks.Msg("The image of %s is not built: “target stage \"%s\" could not be found”.", s.Name.Value, s.Build.Target.Value),
				Help:     checks.Msg("name one that it has: %s", strings.Join(names, ", ")),
				Location: spanAt(c.Path, s.Build.Target.Span),
				Key:      "target " + s.Name.Value,
			})
		}
	}
}
