//go:build reload && !windows

package reload

import "testing"

// proof is how the real air shows what is wrong with a project, and that it is mended.
type proof struct {
	shown shown // what the real air does before; nil where that takes too long to show, or is no event
	after func(*testing.T, *bench, *running)
}

// proofs are those of the projects of package broken, by their names.
var proofs = map[string]proof{
	"a package folder is excluded":                   {shown: unnoticed("cmd/server")},
	"a nested package folder is excluded":            {shown: unnoticed("cmd/server")},
	"include_dir leaves a package out":               {shown: unnoticed("cmd/server")},
	"extensions with dots":                           {shown: unnoticed("cmd/server")},
	"exclude_regex for one file too many":            {shown: unnoticed("cmd/server")},
	"the embedded template is no extension of air's": {shown: unnoticed("web/templates")},
	"swag writes into the watched tree":              {shown: loops, after: atRest("docs/docs.go", "cmd/server")},
	"a [kill] section from an article":               {shown: killed, after: inPeace},
	"a [watch] section from an article":              {shown: unnoticed("web/templates")},
	"a misspelt key":                                 {shown: unnoticed("web/templates")},
	"stop_on_root":                                   {shown: staleOnError},
	"a delay in quotes":                              {shown: says("failed to parse")},
	"true in quotes":                                 {shown: says("failed to parse")},
	"the configuration is still called .air.conf":    {shown: says("no Go files")},
	"entrypoint beats bin":                           {shown: stale},
	"bin is not what cmd writes":                     {shown: says("not found")},
	"bin with arguments":                             {shown: says("not found")},
	"the build names the root, main lies in cmd":     {shown: says("no Go files")},
	"the build names a folder that was renamed":      {shown: says("directory not found")},
	"a configuration from Windows":                   {shown: says("failed to build")},
	"kill_delay without send_interrupt":              {shown: killed, after: inPeace},
	"kill_delay of ten seconds":                      {after: inPeace},
	"kill_delay meant as nanoseconds":                {after: inPeace},
	"the proxy takes the port of the server":         {shown: says("address already in use")},
	"a requirement is missing":                       {shown: says("no required module provides package")},
	"the module was renamed in go.mod":               {shown: says("failed to build")},
	"a relative import":                              {shown: says("relative import")},
	"a line of go.sum was lost in a merge":           {shown: says("missing go.sum entry")},
	"vendor lags behind go.mod":                      {shown: says("inconsistent vendoring")},
	"an import in another case":                      {shown: says("failed to build")},
	"go.mod was not committed":                       {shown: says("failed to build")},
	"a workspace that leaves the service out":        {shown: says("failed to build")},
	"a replace to a folder of another machine":       {shown: says("failed to build")},
	"GOFLAGS=-mod=vendor was left over":              {shown: says("inconsistent vendoring")},
	"GOARCH was persisted":                           {shown: says("Exec format error")},
	"GO111MODULE=off was persisted":                  {shown: says("failed to build")},
}
