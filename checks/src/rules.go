package src

// Rules are all rules, in the order of the catalogue.
func Rules() []*Rule {
	return []*Rule{
		RestartLibrary,
	}
}
