package deploy

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
)

// unseenArguments tells of arguments from before the first FROM that a stage uses without declaring them again.
func unseenArguments(i *target.Image) []checks.Finding {
	var out []checks.Finding
	told := map[string]bool{}
	for _, s := range i.Dockerfile.Stages {
		for _, use := range s.Unseen {
			name := use.Value
			if told[name] || s.ImageSets(name) {
				continue
			}
			told[name] = true
			out = append(out, checks.Finding{
				Severity: checks.Warning, Confidence: checks.Likely,
				Message:  checks.Msg("%s is empty here: its ARG stands before the first FROM, and this stage does not declare it again", name),
				Why:      checks.Msg("An ARG above the first FROM counts for FROM lines alone; nothing warns of it, and the build goes on with an empty text."),
				Help:     checks.Msg("write ARG %s below this stage's FROM", name),
				Location: spanAt(i.Dockerfile.Path, use.Span),
				Key:      "argument " + name,
			})
		}
	}
	return out
}

// ignoredCommand tells of a CMD that is to give arguments to an ENTRYPOINT in shell form, which takes none.
func ignoredCommand(i *target.Image) []checks.Finding {
	entrypoint, cmd := i.Stage.Starts()
	if entrypoint == nil || !entrypoint.Shell || cmd == nil || cmd.Span.IsZero() {
		return nil
	}
	return []checks.Finding{{
		Severity: checks.Warning,
		Message:  checks.Msg("CMD counts for nothing here: ENTRYPOINT is written in shell form"),
		Why:      checks.Msg("The image runs /bin/sh -c with the text of ENTRYPOINT, and neither CMD nor what `docker run` is given behind the image reaches the program."),
		Help:     checks.Msg(`write ENTRYPOINT ["...", "..."], one text for each word`),
		Location: spanAt(i.Dockerfile.Path, cmd.Span), Key: "ignored CMD",
	}}
}
