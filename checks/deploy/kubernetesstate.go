package deploy

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"golang.org/x/mod/semver"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// localState tells of several pods of a program that keeps in each what all of them need.
func localState(l clusterLook) error {
	n := l.count()
	if n < 2 || l.Kind != "Deployment" && l.Kind != "Rollout" {
		return nil
	}
	at := l.Replicas
	for _, v := range l.Pod.Volumes {
		if pvc := l.cluster.Object("PersistentVolumeClaim", v.Source); v.Kind == "persistentVolumeClaim" && pvc != nil && l.mounts(v.Name.Value) && onlyOnce(pvc.AccessModes) {
			l.at(at, checks.Finding{
				Message:  checks.Msg("%s runs %d pods on one volume that one node can hold (%s is %s)", l.title(), n, v.Source, strings.Join(pvc.AccessModes, ", ")),
				Why:      checks.Msg("A pod on another node never starts (Multi-Attach error), and a rollout stops half way when its new pod lands there."),
				Help:     checks.Msg("run one pod, or use a volume of mode ReadWriteMany, or keep the data outside"),
				Evidence: []checks.Message{checks.Msg("%s:%d  PersistentVolumeClaim %s", pvc.File.Path, pvc.Name.Line, v.Source)},
				Key:      "volume " + v.Name.Value,
			})
		}
	}
	if keepsSessions(l.match.Deployed) && !l.sticky() {
		l.at(at, checks.Finding{
			Confidence: checks.Likely,
			Message:    checks.Msg("%s runs %d pods, and the program keeps sessions in its own memory", l.title(), n),
			Why:        checks.Msg("A session exists in the pod that made it: users are logged out at random when another pod answers, and at each rollout."),
			Help:       checks.Msg("keep sessions in a cookie or in Redis (gin-contrib/sessions/cookie, .../redis)"),
			Evidence:   []checks.Message{checks.Msg("the program imports %s", memoryStore)},
			Key:        "sessions",
		})
	}
	if driver := onlySQLite(l.match.Deployed); driver != "" {
		l.at(at, checks.Finding{
			Confidence: checks.Likely,
			Message:    checks.Msg("%s runs %d pods, and the only database that the program knows is a file (SQLite)", l.title(), n),
			Why:        checks.Msg("Each pod has a database of its own, or all write to one file over a network, which SQLite does not bear."),
			Help:       checks.Msg("run one pod (replicas: 1, strategy: Recreate), or use a database server"),
			Evidence:   []checks.Message{checks.Msg("the program imports %s", driver)},
			Key:        "sqlite",
		})
	}
	return nil
}

func onlyOnce(modes []string) bool {
	return len(modes) > 0 && !slices.ContainsFunc(modes, func(m string) bool { return m != "ReadWriteOnce" && m != "ReadWriteOncePod" })
}

func (w *workload) mounts(volume string) bool {
	return slices.ContainsFunc(w.container.VolumeMounts, func(m artefact.VolumeMount) bool { return m.Name.Value == volume })
}

const memoryStore = "github.com/gin-contrib/sessions/memstore"

func keepsSessions(p *target.Deployed) bool {
	others := p.Uses(func(path string) bool {
		rest, ok := strings.CutPrefix(path, "github.com/gin-contrib/sessions/")
		return ok && rest != "memstore"
	})
	return !others && p.Uses(func(path string) bool { return path == memoryStore })
}

// sticky tells whether a Service leads each client to the same pod, or an Ingress may do so.
func (w *workload) sticky() bool {
	for _, s := range w.cluster.Objects {
		if s.Kind == "Service" && s.Affinity == "ClientIP" && selectsAll(s.Selector, w.Pod.Labels) {
			return true
		}
		if s.Kind == "Ingress" && lazyregexp.New(`(?i)affinity|sticky`).Match(s.File.Text) {
			return true
		}
	}
	return false
}

var (
	sqliteDriver = lazyregexp.New(`^(github\.com/mattn/go-sqlite3|modernc\.org/sqlite|gorm\.io/driver/sqlite|github\.com/glebarez/(go-)?sqlite|zombiezen\.com/go/sqlite|github\.com/ncruces/go-sqlite3)(/|$)`)
	otherStore   = lazyregexp.New(`(^|/)(pq|pgx|postgres|mysql|go-sql-driver|sqlserver|mssql|mongo|mongo-driver|clickhouse|oracle|godror|cockroach|tidb|dynamodb|cassandra|gocql|rqlite|libsql)(/|$|\.)`)
)

// onlySQLite is the driver of a program that knows SQLite and no other database; empty for others.
func onlySQLite(p *target.Deployed) string {
	driver, others := "", false
	p.Uses(func(path string) bool {
		switch {
		case sqliteDriver.MatchString(path):
			driver = path
		case otherStore.MatchString(path):
			others = true
		}
		return false
	})
	if others {
		return ""
	}
	return driver
}

// staleMount tells of settings that never change in a running pod although the program watches their file: a subPath mount is made
// once (https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath).
func staleMount(l clusterLook) error {
	for _, m := range l.container.VolumeMounts {
		if m.SubPath.Value == "" {
			continue
		}
		i := slices.IndexFunc(l.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Name.Value == m.Name.Value })
		if i < 0 || l.Pod.Volumes[i].Kind != "configMap" && l.Pod.Volumes[i].Kind != "secret" {
			continue
		}
		if !l.match.Uses(func(path string) bool { return path == "github.com/fsnotify/fsnotify" }) && !l.t.CodeHas(l.match.Program, watchesConfig) {
			continue
		}
		l.at(m.SubPath, checks.Finding{
			Message:  checks.Msg("%s is mounted by subPath, and such a mount never follows changes of the %s", m.MountPath.Value, l.Pod.Volumes[i].Kind),
			Why:      checks.Msg("The program watches its settings for changes, and in this pod none ever comes."),
			Help:     checks.Msg("mount the whole %s into a folder of its own, without subPath", l.Pod.Volumes[i].Kind),
			Evidence: []checks.Message{checks.Msg("the program uses fsnotify or WatchConfig")},
			Key:      "subPath " + m.MountPath.Value,
		})
	}
	return nil
}

var watchesConfig = lazyregexp.New(`\.WatchConfig\(|fsnotify\.NewWatcher\(`)

// lackingKeys tells of variables taken from a key that the ConfigMap or Secret in the repository does not have.
func lackingKeys(l clusterLook) error {
	for _, e := range l.container.Env {
		ref, ok := l.container.Keys[e.Name.Value]
		if !ok || ref.Optional {
			continue
		}
		o := l.cluster.Object(ref.Kind, ref.Name.Value)
		if o == nil || o.Unsure || o.File.Skipped != "" || hasKey(o, ref.Key.Value) || o.Namespace != l.Namespace {
			continue
		}
		f := checks.Finding{
			Severity: refusedSeverity(l.cluster),
			Message:  checks.Msg("%s is taken from the key %s of the %s %s, which has no such key", e.Name.Value, ref.Key.Value, ref.Kind, ref.Name.Value),
			Why:      checks.Msg("The container is not started: CreateContainerConfigError, couldn't find key %s.", ref.Key.Value),
			Help:     checks.Msg("add %s to the %s %s, or name a key that is there", ref.Key.Value, ref.Kind, ref.Name.Value),
			Evidence: []checks.Message{checks.Msg("%s:%d  %s %s", o.File.Path, max(o.Name.Line, 1), ref.Kind, ref.Name.Value)},
			Key:      "key " + ref.Kind + " " + ref.Name.Value + " " + ref.Key.Value,
		}
		for _, d := range o.Data {
			if levenshtein.ComputeDistance(strings.ToUpper(d.Name.Value), strings.ToUpper(ref.Key.Value)) <= max(1, len(ref.Key.Value)/6) {
				f.Help = checks.Msg("name the key %s", d.Name.Value)
				break
			}
		}
		l.at(ref.Key, f)
	}
	return nil
}

func hasKey(o *artefact.Object, key string) bool { return len(artefact.Named(o.Data, key)) > 0 }

var takesUploads = lazyregexp.New(`\.(FormFile|MultipartForm|ParseMultipartForm|SaveUploadedFile)\(`)

// readOnlyUploads tells of uploads in a container that can write nowhere: what is larger than gin's MaxMultipartMemory (32 MB) goes
// through a file in the temporary folder (mime/multipart, Reader.ReadForm).
func readOnlyUploads(l clusterLook) error {
	c := l.container
	if !c.ReadOnlyRoot || l.Unsure || !l.t.CodeHas(l.match.Program, takesUploads) {
		return nil
	}
	for _, m := range c.VolumeMounts {
		if p := m.MountPath.Value; p == "/tmp" || p == "/tmp/" || p == "/" {
			return nil
		}
	}
	if len(artefact.Named(l.cluster.Environment(c), "TMPDIR")) > 0 {
		return nil
	}
	l.at(c.Name, checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("the container %s has a read-only root filesystem and no /tmp, and the program takes uploads", c.Name.Value),
		Why:        checks.Msg("An upload larger than the memory that is set aside for it (32 MB) goes through a file in /tmp: it fails with read-only file system."),
		Help:       checks.Msg("mount an emptyDir at /tmp"),
		Key:        "uploads " + c.Name.Value,
	})
	return nil
}

// oldScheduler tells of a limit of CPU that the program does not see: before Go 1.25 it starts as many threads as the node has cores
// (https://go.dev/doc/go1.25#container-aware-gomaxprocs).
func oldScheduler(l clusterLook) error {
	limit := l.container.Limits["cpu"]
	m := l.match.Module.Mod
	if limit.IsZero() || m == nil || m.Go == nil || semver.Compare("v"+m.Go.Version, "v1.25") >= 0 {
		return nil
	}
	if l.match.Requires("automaxprocs") || l.t.CodeHas(l.match.Program, lazyregexp.New(`\bGOMAXPROCS\(|automaxprocs`)) || len(artefact.Named(l.cluster.Environment(l.container), "GOMAXPROCS")) > 0 {
		return nil
	}
	l.at(limit, checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("the container %s may use %s CPU, and a program of go %s does not see that", l.container.Name.Value, limit.Value, m.Go.Version),
		Why:      checks.Msg("It runs as many threads as the node has cores, is stopped for the rest of each period once they have used up the limit, and answers late."),
		Help:     checks.Msg("write go 1.25.0 or later in go.mod, or import go.uber.org/automaxprocs"),
		Key:      "gomaxprocs " + l.container.Name.Value,
	})
	return nil
}
