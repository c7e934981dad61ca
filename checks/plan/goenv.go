package plan

import "strings"

// SetGoEnv is what `go env -w NAME=value` does, or for an empty value `go env -u NAME`, as an edit of the go command's own file:
// every other line stays as it is. src is the text of the file and exists tells whether it is there. No steps means that
// nothing has to be done.
func SetGoEnv(file string, src []byte, exists bool, name, value string) []Step {
	line := name + "=" + value
	if !exists {
		if value == "" {
			return nil
		}
		return []Step{CreateFile{File: file, Content: line + "\n"}}
	}
	var steps []Step
	number, end := 0, 0
	for text := range strings.Lines(string(src)) {
		number++
		end++
		old := strings.TrimRight(text, "\r\n")
		if !strings.HasPrefix(old, name+"=") {
			continue
		}
		if value == "" || len(steps) > 0 {
			steps = append(steps, Edit{File: file, At: Place{Line: number, Column: 1}, Old: old, WholeLine: true})
		} else if old != line {
			steps = append(steps, ReplaceAt(file, number, 1, old, line))
		} else {
			return nil
		}
	}
	if len(steps) == 0 && value != "" {
		steps = append(steps, InsertAfterLine(file, src, end, line))
	}
	return steps
}
