package plan

import "fmt"

// FreePort is the plan to free a port. One that needs more than a look to be allowed is unsafe and takes --force.
func FreePort(number int, safety Safety) *Plan {
	p := &Plan{
		ID:     "port/free",
		Title:  fmt.Sprintf("free port %d", number),
		Safety: safety,
		Remedy: fmt.Sprintf("gindoctor fix --port %d", number),
		Port:   number,
	}
	if safety == Unsafe {
		p.Remedy += " --force"
	}
	return p
}
