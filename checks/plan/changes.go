package plan

import "github.com/gindoctor/gindoctor/target/watcher"

// OfChanges are changes of a watcher's configuration, or of its command line, as steps; none where one of them cannot be made. read
// gives the text of a file as it is named by a change.
func OfChanges(read func(file string) ([]byte, error), changes []watcher.Change) []Step {
	var steps []Step
	for _, c := range changes {
		data, err := read(c.Place.File)
		if err != nil || c.Place.Start < 0 || c.Place.End < c.Place.Start || c.Place.End > len(data) {
			return nil
		}
		edit := Replace(c.Place.File, data, c.Place.Start, c.Place.End, c.Text)
		if c.Place.Start == c.Place.End {
			edit = Insert(c.Place.File, data, c.Place.Start, c.Text)
			edit.Beside = true
		}
		steps = append(steps, edit)
	}
	return steps
}
