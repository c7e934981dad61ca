package facts

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// JSON writes the facts as one object.
func (f *Facts) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(f)
}

// Text writes the facts for people: a screen per program, and one per running server.
func (f *Facts) Text(w io.Writer) error {
	var b strings.Builder
	for i, p := range f.Programs {
		if i > 0 {
			b.WriteString("\n")
		}
		p.text(&b)
	}
	for i, s := range f.Servers {
		if i+len(f.Programs) > 0 {
			b.WriteString("\n")
		}
		s.text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p Program) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s  %s  %s", p.Output, p.Dir, p.Module)
	if p.Go != "" {
		fmt.Fprintf(b, "  go %s", p.Go)
	}
	b.WriteString("\n")
	section(b, "listens on", p.listenRows())
	section(b, "routes", p.routeRows())
	line(b, "health", strings.Join(p.Health, " "))
	line(b, "metrics", strings.Join(p.Metrics, " "))
	section(b, "middleware", p.middlewareRows())
	section(b, "environment", p.envRows())
	section(b, "env files", p.envFileRows())
	section(b, "opens", p.fileRows())
	section(b, "ends", p.endRows())
	section(b, "C", p.libcRows())
	section(b, "TLS to", needRows(p.TLS))
	line(b, "own roots", p.Roots)
	section(b, "zones", needRows(p.Zones))
	if p.ZoneData {
		line(b, "zone data", "built in")
	}
	section(b, "not resolved", p.openRows())
}

// section writes rows under a title, their cells aligned.
func section(b *strings.Builder, title string, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for i, row := range rows {
		if i > 0 {
			title = ""
		}
		text := fmt.Sprintf("  %-12s", title)
		for j, cell := range row {
			text += "  " + cell + strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell))
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}

func line(b *strings.Builder, title, text string) {
	if text != "" {
		section(b, title, [][]string{{text}})
	}
}

func (p Program) listenRows() (rows [][]string) {
	for _, l := range p.Listens {
		address, how := l.Address, l.Certainty
		if address == "" {
			address = "?"
		}
		if l.Name != "" {
			how += " of " + l.Name
		}
		if l.Secondary {
			how += ", beside"
		}
		place := l.At
		if place.File == "" {
			place = l.Call
		}
		rows = append(rows, []string{address, how, place.String()})
	}
	if len(rows) == 0 {
		rows = [][]string{{"nothing that was found"}}
	}
	return rows
}

func (p Program) routeRows() (rows [][]string) {
	for _, r := range p.Routes {
		methods := strings.Join(r.Methods, ",")
		if len(r.Methods) > 5 {
			methods = "any"
		}
		path := r.Path
		if !r.Known {
			path += " ?"
		}
		rows = append(rows, []string{methods, path, r.At.String()})
	}
	return rows
}

func (p Program) middlewareRows() (rows [][]string) {
	for _, e := range p.Engines {
		for _, m := range e.Middleware {
			rows = append(rows, []string{m.Group, m.Name, m.At.String()})
		}
	}
	return rows
}

// envRows has a row for each variable, with the place that says most.
func (p Program) envRows() (rows [][]string) {
	seen := map[string]bool{}
	for _, v := range p.Env {
		if seen[v.Name] {
			continue
		}
		seen[v.Name] = true
		others := 0
		for _, o := range p.Env {
			if o.Name != v.Name {
				continue
			}
			others++
			if v.Without == "unknown" || o.Without == "dies" {
				v = o
			}
		}
		row := []string{v.Name, v.without(), v.At.String()}
		if others > 1 {
			row[2] += fmt.Sprintf(" and %d more", others-1)
		}
		rows = append(rows, row)
	}
	return rows
}

func (v Variable) without() string {
	switch {
	case v.Without == "dies":
		return "dies without it"
	case v.Default != nil && *v.Default == "":
		return "else empty"
	case v.Default != nil && !v.Known:
		return "else " + *v.Default
	case v.Default != nil:
		return "else " + fmt.Sprintf("%q", *v.Default)
	case v.Without == "falls back":
		return "may be left out"
	}
	return ""
}

func (p Program) envFileRows() (rows [][]string) {
	for _, f := range p.EnvFiles {
		how := map[string]string{"dies": "dies without it", "falls back": "may be missing", "unknown": ""}[f.Missing]
		if !f.Always {
			how = strings.TrimPrefix(how+", on some ways only", ", ")
		}
		names := strings.Join(f.Files, " ")
		if names == "" {
			names = "?"
		}
		rows = append(rows, []string{names, how, f.At.String()})
	}
	return rows
}

// fileRows are the calls that name something; the others are among what is not resolved.
func (p Program) fileRows() (rows [][]string) {
	for _, f := range p.Files {
		if len(f.Names) > 0 {
			when := map[string]string{"start": "at start", "perhaps": "perhaps", "request": "per request", "unknown": ""}[f.When]
			rows = append(rows, []string{strings.Join(f.Names, " "), f.Call, when, f.At.String()})
		}
	}
	return rows
}

func (p Program) endRows() (rows [][]string) {
	s := p.Shutdown
	if len(s.Signals) == 0 {
		return [][]string{{"at once, by any signal"}}
	}
	rows = append(rows, []string{"catches " + strings.Join(s.Signals, " "), s.Caught.String()})
	if s.Shutdown.File != "" {
		text := "Shutdown"
		if s.Deadline > 0 {
			text += " within " + (time.Duration(s.Deadline) * time.Millisecond).String()
		}
		rows = append(rows, []string{text, s.Shutdown.String()})
	}
	return rows
}

func (p Program) libcRows() (rows [][]string) {
	for _, c := range p.Libc.Cgo {
		where := c.At.String()
		if where == "" {
			where = "by " + c.By
		}
		how := map[string]string{"stub": "fails when used without cgo", "broken": "does not build without cgo", "pure": "also without cgo"}[c.Without]
		rows = append(rows, []string{c.Package, how, where})
	}
	var std []string
	if p.Libc.Net {
		std = append(std, "net")
	}
	if p.Libc.User {
		std = append(std, "os/user")
	}
	if len(std) > 0 {
		rows = append(rows, []string{strings.Join(std, ", "), "linked to libc where cgo is on"})
	}
	return rows
}

// needRows has one row for all that is not resolved.
func needRows(all []Need) (rows [][]string) {
	var open []string
	for _, n := range all {
		if n.Certainty == "unresolved" {
			open = append(open, n.At.String())
			continue
		}
		rows = append(rows, []string{short(n.Name), n.Certainty, n.At.String()})
	}
	if len(open) > 0 {
		rows = append(rows, []string{"computed names", "unresolved", places(open)})
	}
	return rows
}

// openRows has a row for each kind of thing that is not resolved, and reason.
func (p Program) openRows() (rows [][]string) {
	at := map[string][]string{}
	var order [][2]string
	for _, o := range p.Unresolved {
		key := [2]string{o.What, short(o.Why)}
		if _, seen := at[key[0]+key[1]]; !seen {
			order = append(order, key)
		}
		at[key[0]+key[1]] = append(at[key[0]+key[1]], o.At.String())
	}
	for _, key := range order {
		rows = append(rows, []string{key[0], key[1], places(at[key[0]+key[1]])})
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return rows
}

// places names the first of some places, and says how many there are.
func places(all []string) string {
	if len(all) > 1 {
		return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
	}
	return all[0]
}

// short cuts a text to what fits beside its place.
func short(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if r := []rune(text); len(r) > 70 {
		return string(r[:67]) + "..."
	}
	return text
}
