package artefact

// Setting is a variable that an artefact gives to what it starts.
type Setting struct {
	Name  Text
	Value Text   // its Span is none where there is no value in the file; its Origin tells how sure it is
	From  string // what a Referred value is taken from
	File  *File  // the artefact that holds Value
	// For is who gets the variable, in the format's own terms: a service, a container, a unit, a stage, a process, a job. It is empty
	// for an env file, which does not say.
	For string
}

// Named are the settings of one variable, in order.
func Named(all []Setting, name string) []Setting {
	var out []Setting
	for _, s := range all {
		if s.Name.Value == name {
			out = append(out, s)
		}
	}
	return out
}

// Last are the settings that count where a later one of a name takes the place of an earlier one, in their order.
func Last(all []Setting) []Setting { return last(all) }

// last are the settings that count where a later one of a name takes the place of an earlier one, in the order of the file.
func last(all []Setting) []Setting {
	at := make(map[string]int, len(all))
	for i, s := range all {
		at[s.Name.Value] = i
	}
	out := make([]Setting, 0, len(at))
	for i, s := range all {
		if at[s.Name.Value] == i {
			out = append(out, s)
		}
	}
	return out
}
