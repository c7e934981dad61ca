package artefact

import "fmt"

// How many parts of a kind an artefact may have. What is held against each other costs the square of it, and stages that are built
// from each other the cube; files that people write have a tenth of it at most.
const (
	mostParts  = 2000 // services, objects, instructions, blocks, jobs
	mostStages = 200
)

// tooMany tells whether an artefact has more parts than are judged, and says so of the file. A file that is broken stays that.
func (f *File) tooMany(n, most int, what string) bool {
	if n <= most {
		return false
	}
	if f.Err == nil {
		f.TooLarge = true
		f.Skipped = fmt.Sprintf("too large: it has %d %s, and more than %d are not judged", n, what, most)
	}
	return true
}
