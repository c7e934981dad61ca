package host

import (
	"context"
	"os"
	"strings"
)

// Surroundings implements Host. WSL names itself in the kernel's release, version 2 with its own kernel; the marks of containers are
// those that docker, podman and Kubernetes leave.
func (l *local) Surroundings(context.Context) Surroundings {
	var s Surroundings
	if text, err := os.ReadFile(l.path("sys", "kernel", "osrelease")); err == nil {
		s.WSL = wslOf(string(text))
	}
	for file, what := range map[string]string{"/.dockerenv": "docker", "/run/.containerenv": "podman"} {
		if _, err := os.Stat(file); err == nil {
			s.Container = what
		}
	}
	if s.Container == "" && os.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		s.Container = "Kubernetes"
	}
	return s
}

// wslOf tells the version by the release of the kernel: 4.4.0-19041-Microsoft is the emulated one of version 1,
// 5.15.90.1-microsoft-standard-WSL2 a real one.
func wslOf(release string) int {
	switch {
	case strings.Contains(release, "WSL2"), strings.Contains(release, "microsoft-standard"):
		return 2
	case strings.Contains(release, "Microsoft"):
		return 1
	}
	return 0
}
