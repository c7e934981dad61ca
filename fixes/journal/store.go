package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrBusy says that another run is changing files of the same root.
var ErrBusy = errors.New("another gindoctor is changing files here; wait until it has ended")

// Store is the journal of one root: a folder with one folder per run.
type Store struct {
	root string
	dir  string
}

// Open finds the journal of a root below the folder where programs keep their state (XDG_STATE_HOME). Nothing is made yet.
func Open(stateHome, root string) *Store {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real // one project, one journal, whatever link it is entered through
	}
	h := sha256.Sum256([]byte(root))
	return &Store{root: root, dir: filepath.Join(stateHome, "gindoctor", "journal", hex.EncodeToString(h[:8]))}
}

// Dir is where the journal lies.
func (s *Store) Dir() string { return s.dir }

// Lock keeps others from changing files of the root until the function it returns is called.
func (s *Store) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the journal: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the journal: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		unlockFile(f) // not by closing alone: a child that is just being started holds a copy of the descriptor
		f.Close()
	}, nil
}

// Phase is how far a run has come.
type Phase string

// The phases. A run that is found Writing was cut off in the middle.
const (
	Writing  Phase = "writing"
	Written  Phase = "written"
	Reverted Phase = "reverted" // undone
)

// Record is what the journal says of one run.
type Record struct {
	Schema  string    `json:"schema"`
	Root    string    `json:"root"`
	Started time.Time `json:"started"`
	Phase   Phase     `json:"phase"`
	Titles  []string  `json:"titles"`            // what was mended, a line each
	Lasting []string  `json:"lasting,omitempty"` // what cannot be undone, a sentence each
	Undoes  string    `json:"undoes,omitempty"`  // the run that this one takes back
	Follows string    `json:"follows,omitempty"` // the run that this one goes on with: both are undone as one
	Files   []*Entry  `json:"files"`
	dir     string
	rounds  []*Record // those that were put together here, the first one first; none for one that stands alone
}

// ID names the run.
func (r *Record) ID() string { return filepath.Base(r.dir) }

// Schema names the form of a record.
const Schema = "gindoctor/journal/v1"

// Entry is what the journal says of one path.
type Entry struct {
	Path   string  `json:"path"`
	Name   string  `json:"name"`
	Before Summary `json:"before"`
	After  Summary `json:"after"`
	Temp   string  `json:"temp,omitempty"`   // where the new content lies until it is renamed; removed if found
	Made   []Dir   `json:"made,omitempty"`   // folders that are made for it, outermost first
	Pruned []Dir   `json:"pruned,omitempty"` // folders that go if it leaves them empty, innermost first
	dir    string  // where Before.Copy lies, if not in the folder of the record itself
}

// Dir is a folder that a run made or removed.
type Dir struct {
	Path string      `json:"path"`
	Mode fs.FileMode `json:"mode"`
}

// Summary is a State without its content, which lies in Copy for what was there before.
type Summary struct {
	Exists bool        `json:"exists"`
	Link   string      `json:"link,omitempty"`
	Mode   fs.FileMode `json:"mode"`
	UID    int         `json:"uid"`
	GID    int         `json:"gid"`
	SHA256 string      `json:"sha256,omitempty"`
	Copy   string      `json:"copy,omitempty"` // file of the run's folder
}

func summarize(s State) Summary {
	return Summary{Exists: s.Exists, Link: s.Link, Mode: s.Mode, UID: s.UID, GID: s.GID, SHA256: s.sum()}
}

// is tells whether a path is as the summary says.
func (s Summary) is(now State) bool {
	return s.Exists == now.Exists && s.Link == now.Link && s.Mode == now.Mode && s.SHA256 == now.sum()
}

// begin writes down what all paths are before any is touched.
func (s *Store) begin(r Record, changes []Change) (*Record, error) {
	r.Schema, r.Root, r.Started, r.Phase = Schema, s.root, time.Now().UTC(), Writing
	id := fmt.Sprintf("%s-%d", r.Started.Format("20060102T150405.000000000"), os.Getpid())
	r.dir = filepath.Join(s.dir, id)
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, err
	}
	for i, c := range changes {
		e := &Entry{Path: c.Path, Name: c.Name, Before: summarize(c.Before), After: summarize(c.After)}
		if c.Before.Exists && c.Before.Link == "" {
			e.Before.Copy = fmt.Sprintf("%d.orig", i)
			if err := writeSynced(filepath.Join(r.dir, e.Before.Copy), c.Before.Data); err != nil {
				return nil, r.drop(err)
			}
		}
		e.Made, e.Pruned = missingDirs(c), emptiableDirs(c)
		if c.After.Exists && c.After.Link == "" && !isKernelSetting(c.Path) {
			e.Temp = filepath.Join(filepath.Dir(c.Path), fmt.Sprintf(".gindoctor-%s-%d.tmp", id, i))
		}
		r.Files = append(r.Files, e)
	}
	if err := r.save(); err != nil {
		return nil, r.drop(err)
	}
	return &r, nil
}

func (r *Record) drop(err error) error {
	os.RemoveAll(r.dir)
	return err
}

// AddLasting writes down what was done besides and cannot be undone.
func (r *Record) AddLasting(sentences ...string) error {
	r.Lasting = append(r.Lasting, sentences...)
	return r.save()
}

// save replaces the record on disk.
func (r *Record) save() error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(r.dir, "record.json")
	if err := writeSynced(name+".new", data); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	return syncDir(r.dir)
}

func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Records lists all runs, the newest first. One that cannot be read is an error: it may be the one that matters.
func (s *Store) Records() ([]*Record, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	var out []*Record
	for _, e := range slices.Backward(entries) {
		if !e.IsDir() {
			continue
		}
		r, err := load(filepath.Join(s.dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // cut off before it was written down: nothing had been touched
		}
		if err != nil {
			return nil, fmt.Errorf("reading the journal: %w", err)
		}
		out = append(out, r)
	}
	return out, nil
}

func load(dir string) (*Record, error) {
	data, err := os.ReadFile(filepath.Join(dir, "record.json"))
	if err != nil {
		return nil, err
	}
	r := &Record{dir: dir}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "record.json"), err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("%s is of another gindoctor (%s)", dir, r.Schema)
	}
	return r, nil
}

// Last is the newest run that stands, all its rounds put together, or nil.
func (s *Store) Last() (*Record, error) {
	r, err := s.newest(Written)
	if r == nil || err != nil || r.Follows == "" {
		return r, err
	}
	return s.whole(r)
}

// whole puts a run together with those that it follows: every path from what it was before the first to what it is now.
func (s *Store) whole(last *Record) (*Record, error) {
	rounds := []*Record{last}
	for rounds[0].Follows != "" {
		r, err := load(filepath.Join(s.dir, rounds[0].Follows))
		if err != nil {
			return nil, fmt.Errorf("reading the journal: %w", err)
		}
		rounds = append([]*Record{r}, rounds...)
	}
	all := &Record{Schema: Schema, Root: last.Root, Started: rounds[0].Started, Phase: Written, dir: last.dir, rounds: rounds}
	for _, r := range rounds {
		all.Titles, all.Lasting = append(all.Titles, r.Titles...), append(all.Lasting, r.Lasting...)
		for _, e := range r.Files {
			all.add(r, e)
		}
	}
	return all, nil
}

// add puts an entry of a later round behind what stands for its path.
func (r *Record) add(from *Record, e *Entry) {
	for _, known := range r.Files {
		if known.Path == e.Path {
			known.After = e.After
			known.Made, known.Pruned = append(known.Made, e.Made...), append(known.Pruned, e.Pruned...)
			return
		}
	}
	first := *e
	first.dir = from.dir
	r.Files = append(r.Files, &first)
}

// revert writes down that a run was taken back, or all the runs that were put together in it: the last one first, so that one
// which is cut off meanwhile can be taken back again.
func (r *Record) revert() error {
	for _, round := range slices.Backward(r.rounds) {
		if err := round.revert(); err != nil {
			return err
		}
	}
	r.Phase = Reverted
	if len(r.rounds) > 0 {
		return nil
	}
	return r.save()
}

// Unfinished is the newest run that was cut off in the middle, or nil.
func (s *Store) Unfinished() (*Record, error) { return s.newest(Writing) }

func (s *Store) newest(phase Phase) (*Record, error) {
	all, err := s.Records()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Phase == phase && (r.Undoes == "" || phase == Writing) {
			return r, nil
		}
	}
	return nil, nil
}

// keep is how many runs are remembered.
const keep = 30

// forget drops the oldest runs, but never one that was cut off.
func (s *Store) forget() {
	all, err := s.Records()
	if err != nil {
		return
	}
	followed := map[string]bool{}
	for i, r := range all {
		if i >= keep && r.Phase != Writing && !followed[r.ID()] {
			os.RemoveAll(r.dir)
			continue
		}
		followed[r.Follows] = true
	}
}
