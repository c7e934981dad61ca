package watch

import (
	"path"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// judgeFiles tells whether a build that names files leaves a file of their package out whose names they use: the compiler finds such a
// name undefined. dir is the folder of the files, absolute.
func judgeFiles(b gobuild.Build, p *project.BuildPackage, dir string) (f checks.Finding, meant string, wrong bool) {
	left, ok := p.LeavesOut(b.FileNames())
	if !ok {
		return f, "", false
	}
	meant = relativeTo(b.Dir, dir)
	f.Message = checks.Msg("the build command names %s and leaves %s out, which declares %s", path.Base(left.User.Path), path.Base(left.In.Path), left.Name)
	f.Why = checks.Msg("Every build fails: undefined: %s. The server that answers is an old one, or none.", left.Name)
	f.Help = checks.Msg("build %s", meant)
	f.Key = "part"
	return f, meant, true
}
