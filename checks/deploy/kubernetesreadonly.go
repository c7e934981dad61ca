package deploy

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// codeWrite is a place where the code writes a file whose name, or whose folder, stands there.
type codeWrite struct {
	call, name string
	file       string
	at         project.Position
}

// readOnlyWrites tells of files that the program writes to where a read-only root filesystem lets nobody write.
func readOnlyWrites(l clusterLook) error {
	if !l.container.ReadOnlyRoot || l.Unsure {
		return nil
	}
	told := map[string]bool{}
	for _, f := range l.match.Files() {
		if f.Test() {
			continue
		}
		for _, w := range codeWrites(f) {
			full, ok := l.place(w.name)
			if !ok || told[full] || l.writable(full) {
				continue
			}
			told[full] = true
			l.at(l.container.Name, checks.Finding{
				Confidence: checks.Likely,
				Message:    checks.Msg("the container %s has a read-only root filesystem, and the program writes %s", l.container.Name.Value, w.name),
				Why:        checks.Msg("No volume that can be written to is mounted there: %s fails with read-only file system.", w.call),
				Help:       checks.Msg("mount an emptyDir or a claim at %s, or write to standard output", path.Dir(full)),
				Evidence:   []checks.Message{checks.Msg("%s:%d  %s %s", w.file, w.at.Line, w.call, w.name)},
				Key:        "read-only " + l.container.Name.Value + " " + w.name,
			})
		}
	}
	return nil
}

// place is where a name leads in the container; false for a relative one whose folder is not known, and for devices.
func (w *workload) place(name string) (string, bool) {
	if !path.IsAbs(name) {
		dir := w.container.WorkingDir
		if !dir.Known() || !path.IsAbs(dir.Value) {
			return "", false
		}
		name = path.Join(dir.Value, name)
	}
	name = path.Clean(name)
	return name, !slices.ContainsFunc([]string{"/dev", "/proc", "/sys"}, func(dir string) bool { return under(name, dir) })
}

func under(name, dir string) bool {
	dir = strings.TrimSuffix(dir, "/")
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// writable tells whether a place lies on a volume that may be written to.
func (w *workload) writable(name string) bool {
	return slices.ContainsFunc(w.container.VolumeMounts, func(m artefact.VolumeMount) bool {
		if !m.MountPath.Known() {
			return true
		}
		i := slices.IndexFunc(w.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Name.Value == m.Name.Value })
		settings := i >= 0 && slices.Contains([]string{"configMap", "secret", "downwardAPI"}, w.Pod.Volumes[i].Kind)
		return under(name, m.MountPath.Value) && !settings
	})
}

// codeWrites are the files that a file of code writes by names that stand in it.
func codeWrites(f *project.GoFile) []codeWrite {
	src, err := f.Source(maxWriter)
	if err != nil || !writeWord(string(src)) {
		return nil
	}
	syntax, _ := f.Syntax()
	if syntax == nil || syntax.File == nil {
		return nil
	}
	var out []codeWrite
	ast.Inspect(syntax.File, func(n ast.Node) bool {
		if call, name := writes(f, n); name != "" {
			out = append(out, codeWrite{call, name, f.Path, syntax.Position(n.Pos())})
		}
		return true
	})
	return out
}

// maxWriter bounds the code that is looked through, in bytes.
const maxWriter = 4 << 20

func writeWord(src string) bool {
	return slices.ContainsFunc([]string{"os.Create", "os.OpenFile", "os.WriteFile", "lumberjack", "SaveUploadedFile"}, func(w string) bool { return strings.Contains(src, w) })
}

// writes gives what an expression of the code writes with, and the name of the file.
func writes(f *project.GoFile, n ast.Node) (call, name string) {
	switch x := n.(type) {
	case *ast.CompositeLit:
		if sel, ok := x.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Logger" || !imports(f, sel.X, "lumberjack") {
			return "", ""
		}
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Filename" {
					return "lumberjack", literalName(kv.Value)
				}
			}
		}
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		if !ok || len(x.Args) == 0 {
			return "", ""
		}
		switch {
		case sel.Sel.Name == "SaveUploadedFile" && len(x.Args) > 1:
			return sel.Sel.Name, folderName(x.Args[1])
		case !imports(f, sel.X, "os"):
		case sel.Sel.Name == "Create", sel.Sel.Name == "WriteFile", sel.Sel.Name == "OpenFile" && len(x.Args) > 1 && writeFlags(x.Args[1]):
			return "os." + sel.Sel.Name, literalName(x.Args[0])
		}
	}
	return "", ""
}

// imports tells whether an expression is the name of an imported package whose path ends so, a version such as .v2 aside.
func imports(f *project.GoFile, x ast.Expr, base string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == base && slices.ContainsFunc(f.Imports, func(i project.Import) bool {
		last, _, _ := strings.Cut(path.Base(i.Path), ".")
		return last == base || path.Base(path.Dir(i.Path)) == base
	})
}

// writeFlags tells whether the flags of os.OpenFile ask for writing.
func writeFlags(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"O_CREATE", "O_WRONLY", "O_RDWR", "O_APPEND"}, sel.Sel.Name) {
			found = true
		}
		return true
	})
	return found
}

func literalName(x ast.Expr) string {
	lit, ok := x.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	name, _ := strconv.Unquote(lit.Value)
	return name
}

// folderName is the folder that a name begins with, such as "uploads/" + name or filepath.Join("uploads", name); or the whole name.
func folderName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		if name := folderName(x.X); x.Op == token.ADD && strings.HasSuffix(name, "/") {
			return name
		}
		return ""
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Join" && len(x.Args) > 1 {
			if name := literalName(x.Args[0]); name != "" {
				return strings.TrimSuffix(name, "/") + "/"
			}
		}
		return ""
	}
	return literalName(x)
}
