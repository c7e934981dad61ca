package listen

import "slices"

// WithPort gives what is wanted when the user says which port the app is to have: what listens there by itself; else the
// only main listener of all programs, moved there; else nobody knows whose port it is, and it stands alone, on every address.
func WithPort(found []Address, port int) []Address {
	var there, main []Address
	for _, a := range found {
		switch {
		case a.Port == port:
			a.Certainty = Asked
			there = append(there, a)
		case !a.Secondary:
			main = append(main, a)
		}
	}
	if len(there) > 0 {
		return there
	}
	if len(main) != 1 {
		return []Address{{Port: port, Certainty: Asked}}
	}
	a := main[0]
	a.Port, a.Certainty, a.At = port, Asked, Place{}
	return []Address{a}
}

// WithPorts adds ports that the programs are to have, and that their code does not name.
func WithPorts(found []Address, ports []int) []Address {
	for _, port := range ports {
		if !slices.ContainsFunc(found, func(a Address) bool { return a.Port == port }) {
			found = append(slices.Clone(found), Address{Port: port, Certainty: Asked})
		}
	}
	return found
}
