package port

import (
	"context"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
)

// contained says which service of a compose file runs the app in a network of its own, where the port is free whoever has it here; zero
// where something of the project starts the app on this machine, or --port says that it is to have the port here.
func contained(ctx context.Context, t *target.Target, w wantedPort) (checks.Message, error) {
	a := w.Addresses[0]
	here, err := startedHere(ctx, t)
	if err != nil || here || a.Certainty == listen.Asked {
		return checks.Message{}, err
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return checks.Message{}, err
	}
	i := slices.IndexFunc(instances, func(i *target.Instance) bool {
		return i.Service != nil && published(i.Service) == nil && starts(i, a)
	})
	if i < 0 {
		return checks.Message{}, nil
	}
	return checks.Msg("%s runs it in a container, with ports of its own: %s", instances[i].Who, instances[i].File.Path), nil
}

// startedHere tells whether something of the project starts the app on this machine: a watcher, or a script that uses the go command.
func startedHere(ctx context.Context, t *target.Target) (bool, error) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range watches {
		if file, err := t.Elsewhere(ctx, w); err != nil || file == "" {
			return err == nil, err
		}
	}
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return false, err
	}
	for _, s := range scripts {
		for _, c := range s.Commands {
			if len(c.Words) > 1 && c.Name() == "go" && c.Words[1] == "run" {
				return true, nil
			}
		}
	}
	return false, nil
}

// starts tells whether an instance is of the program that listens on an address.
func starts(i *target.Instance, a listen.Address) bool {
	return i.Deployed != nil && !i.Sourceless && i.Module.Dir == a.Module && i.Package.Dir == a.Main
}
