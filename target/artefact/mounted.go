package artefact

import (
	"path"
	"strings"
)

// MountedFolder is the folder that a bind mount shows, relative to the root ("../x" for what lies outside); not ok where it is
// given in another way than relative to the compose file.
func (s *Service) MountedFolder(v Volume) (dir string, ok bool) {
	if !v.Known() || !strings.HasPrefix(v.Source, ".") {
		return "", false
	}
	return path.Join(s.dirOf(v.Text), v.Source), true
}
