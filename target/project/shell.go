package project

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// maxNested bounds how deep brackets may lie in each other in a shell text: the parser needs a stack for each.
const maxNested = 500

// ParseShell finds the commands in shell text that begins at a position of its file. Text that is no shell has none. Where the
// words stand in the file is not known, for the text may stand there in another form: that is what (*Text).Commands tells.
func ParseShell(text string, at Position) []Command {
	commands, _ := NewSource(text).Whole(0, len(text)).Commands(".", false)
	for i := range commands {
		c := &commands[i]
		if c.Pos.Line == 1 {
			c.Pos.Column += at.Column - 1
		}
		c.Pos.Line += at.Line - 1
		clear(c.Spans)
	}
	return commands
}

// Commands finds the commands in a text that a shell gets which is started in a folder, "" for one that is not known, and what of it
// cannot be followed. Where inner is true, what is given to `sh -c` is read too.
func (t *Text) Commands(dir string, inner bool) ([]Command, []Unknown) {
	file, err := ShellFile(t.String())
	if err != nil {
		if t.hidden(0, len(t.bytes)) {
			return nil, []Unknown{{Span: t.Place(), Reason: Computed}} // a quote may well stand in what is filled in
		}
		at := 0
		if bad, ok := err.(syntax.ParseError); ok {
			at = min(int(bad.Pos.Offset()), len(t.bytes))
		}
		return nil, []Unknown{{Span: t.around(at, at), Reason: NoShell}}
	}
	w := &shellWalk{text: t, inner: inner}
	w.file(file, dir)
	return w.commands, w.unknown
}

type tooNested struct{}

func (tooNested) Error() string { return "nested too deep" }

// ShellFile parses a shell text: any, however hostile. The parser alone, given brackets that lie in each other by the ten thousand,
// ends the program for want of stack.
func ShellFile(text string) (*syntax.File, error) {
	depth := 0
	for _, c := range []byte(text) {
		switch c {
		case '(', '{':
			if depth++; depth > maxNested {
				return nil, tooNested{}
			}
		case ')', '}':
			depth = max(depth-1, 0)
		}
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil && strings.Contains(text, "((") { // two shells in each other, which the parser for bash takes for arithmetic
		if posix, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), ""); err == nil {
			return posix, nil
		}
	}
	return file, err
}

// shellWalk goes through a shell text in the order in which it runs, and keeps count of the folder. A folder is relative to the one
// that the script is started in; "" is one that only the shell knows.
type shellWalk struct {
	text     *Text
	inner    bool                 // reads what is given to `sh -c`
	depth    int                  // of `sh -c` in `sh -c`
	level    int                  // of statements in statements
	moving   map[string]bool      // the functions that move to another folder
	moves    bool                 // something outside of functions does
	moveable map[syntax.Node]bool // the nodes that do, where they are not in a shell of their own
	quoted   bool                 // within backquotes, where a backslash means something else
	commands []Command
	unknown  []Unknown
}

// flow is where a statement leads to.
type flow struct {
	done  string // the folder when it went well
	after string // the folder behind it, however it went
	asked bool   // it may well have failed: it is there to ask
}

func at(dir string) flow { return flow{done: dir, after: dir} }

func (w *shellWalk) file(file *syntax.File, dir string) {
	w.movers(file)
	w.statements(file.Stmts, dir)
}

// movers finds what moves to another folder: the statements with a `cd` in them that is not in a shell of its own, and the functions.
func (w *shellWalk) movers(file *syntax.File) {
	w.moving, w.moveable = map[string]bool{}, map[syntax.Node]bool{}
	var above []syntax.Node
	functions := 0
	syntax.Walk(file, func(n syntax.Node) bool {
		if n == nil {
			if _, ok := above[len(above)-1].(*syntax.FuncDecl); ok {
				functions--
			}
			above = above[:len(above)-1]
			return true
		}
		above = append(above, n)
		if _, ok := n.(*syntax.FuncDecl); ok {
			functions++
		}
		if moveCall(n) {
			w.moves = w.moves || functions == 0
			w.mark(above)
		}
		return true
	})
}

// mark takes down that a node moves, and so those that it lies in, up to a shell of its own.
func (w *shellWalk) mark(path []syntax.Node) {
	for _, n := range slices.Backward(path) {
		switch x := n.(type) {
		case *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst:
			return
		case *syntax.FuncDecl:
			if x.Name != nil {
				w.moving[x.Name.Value] = true
			}
			return
		}
		if w.moveable[n] {
			return
		}
		w.moveable[n] = true
	}
}

func moveCall(n syntax.Node) bool {
	call, ok := n.(*syntax.CallExpr)
	return ok && len(call.Args) > 0 && slices.Contains([]string{"cd", "pushd", "popd", "builtin"}, call.Args[0].Lit())
}

// statements goes through statements one after another, and gives the folder behind them.
func (w *shellWalk) statements(list []*syntax.Stmt, dir string) string {
	for _, s := range list {
		dir = w.statement(s, dir).after
	}
	return dir
}

// maybe goes through statements of which it is not known whether they run.
func (w *shellWalk) maybe(list []*syntax.Stmt, dir string) string {
	return same(dir, w.statements(list, dir))
}

// same is the folder where two ways lead to the same one.
func same(a, b string) string {
	if a != b {
		return ""
	}
	return a
}

func (w *shellWalk) statement(s *syntax.Stmt, dir string) flow {
	if s == nil {
		return at(dir)
	}
	if w.level++; w.level > maxNested {
		w.level--
		from := min(int(s.Pos().Offset()), len(w.text.bytes))
		w.unknown = append(w.unknown, Unknown{Span: w.text.around(from, from), Reason: TooDeep})
		return at("")
	}
	defer func() { w.level-- }()
	for _, r := range s.Redirs {
		w.words(dir, r.Word, r.Hdoc)
	}
	f := w.command(s.Cmd, dir)
	if s.Background || s.Coprocess || s.Disown {
		return at(dir)
	}
	f.asked = f.asked || s.Negated
	return f
}

func (w *shellWalk) command(cmd syntax.Command, dir string) flow {
	switch x := cmd.(type) {
	case *syntax.CallExpr:
		return w.call(x, dir)
	case *syntax.Block:
		return at(w.statements(x.Stmts, dir))
	case *syntax.Subshell:
		w.statements(x.Stmts, dir)
	case *syntax.TimeClause:
		return w.statement(x.Stmt, dir)
	case *syntax.CoprocClause:
		w.statement(x.Stmt, dir)
	case *syntax.BinaryCmd:
		return w.binary(x, dir)
	case *syntax.IfClause:
		return at(w.branches(x, dir))
	case *syntax.WhileClause:
		dir = w.settled(dir, x)
		return at(w.maybe(x.Do, w.statements(x.Cond, dir)))
	case *syntax.ForClause:
		w.substitutions(x.Loop, dir)
		return at(w.maybe(x.Do, w.settled(dir, x)))
	case *syntax.CaseClause:
		w.words(dir, x.Word)
		after := dir
		for _, item := range x.Items {
			after = same(after, w.maybe(item.Stmts, dir))
		}
		return at(after)
	case *syntax.FuncDecl:
		w.function(x, dir)
	case *syntax.TestClause, *syntax.ArithmCmd:
		w.substitutions(x, dir)
		return flow{dir, dir, true}
	case nil:
	default: // declarations
		w.substitutions(x, dir)
	}
	return at(dir)
}

// settled is the folder in the rounds of a loop: not known where one of them moves.
func (w *shellWalk) settled(dir string, loop syntax.Node) string {
	if w.moveable[loop] {
		return ""
	}
	return dir
}

// function reads a function where it is declared. It runs later: in a script that moves elsewhere, who knows in which folder.
func (w *shellWalk) function(f *syntax.FuncDecl, dir string) {
	others := len(w.moving)
	if f.Name != nil && w.moving[f.Name.Value] {
		others--
	}
	if w.moves || others > 0 {
		dir = ""
	}
	w.statement(f.Body, dir)
}

func (w *shellWalk) branches(x *syntax.IfClause, dir string) string {
	dir = w.statements(x.Cond, dir)
	after := w.statements(x.Then, dir)
	if x.Else == nil {
		if len(x.Cond) == 0 { // this is the else
			return after
		}
		return same(dir, after)
	}
	return same(after, w.branches(x.Else, dir))
}

// binary reads `a && b`, `a || b` and pipes. What stands before && is taken to go well, unless it is there to ask.
func (w *shellWalk) binary(x *syntax.BinaryCmd, dir string) flow {
	first := len(w.commands)
	left := w.statement(x.X, dir)
	second := len(w.commands)
	switch x.Op {
	case syntax.AndStmt:
		right := w.statement(x.Y, left.done)
		after := right.after
		if left.asked {
			after = same(left.after, after)
		}
		return flow{right.done, after, left.asked || right.asked}
	case syntax.OrStmt:
		right := w.statement(x.Y, same(dir, left.after))
		if w.moveable[x.Y] {
			return at(same(left.done, right.after))
		}
		return at(left.done)
	}
	w.statement(x.Y, dir)
	w.pipe(x, first, second)
	return at(dir)
}

// pipe notes what is piped into the command that stands to the right of a pipe. first and second are where the commands of the two
// sides begin.
func (w *shellWalk) pipe(x *syntax.BinaryCmd, first, second int) {
	if !isCall(x.Y) || second == len(w.commands) || first == second {
		return
	}
	left := first
	if inner, ok := x.X.Cmd.(*syntax.BinaryCmd); ok && (inner.Op == syntax.Pipe || inner.Op == syntax.PipeAll) {
		for left = second - 1; left >= first && w.commands[left].From == nil; left-- {
		}
	} else if !isCall(x.X) {
		return
	}
	if left >= first {
		from := w.commands[left]
		w.commands[second].From = &from
	}
}

// isCall tells whether a statement is a command with its words, and no group, loop or test.
func isCall(s *syntax.Stmt) bool {
	if s == nil {
		return false
	}
	call, ok := s.Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 0
}

// words reads the substitutions in words: they run in shells of their own.
func (w *shellWalk) words(dir string, list ...*syntax.Word) {
	for _, word := range list {
		if word != nil {
			w.substitutions(word, dir)
		}
	}
}

func (w *shellWalk) substitutions(n syntax.Node, dir string) {
	if n == nil {
		return
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.CmdSubst:
			quoted := w.quoted
			w.quoted = quoted || x.Backquotes
			w.statements(x.Stmts, dir)
			w.quoted = quoted
			return false
		case *syntax.ProcSubst:
			w.statements(x.Stmts, dir)
			return false
		}
		return true
	})
}

func (w *shellWalk) call(call *syntax.CallExpr, dir string) flow {
	f := at(dir)
	if len(call.Args) > 0 {
		f = w.add(call, dir)
	}
	for _, a := range call.Assigns {
		w.substitutions(a, dir)
	}
	w.words(dir, call.Args...)
	return f
}

// add takes down a command.
func (w *shellWalk) add(call *syntax.CallExpr, dir string) flow {
	c := Command{Dir: dir}
	for _, a := range call.Assigns {
		if a.Name != nil {
			value, _ := w.value(a.Value)
			c.Assigns = append(c.Assigns, a.Name.Value+"="+value)
		}
	}
	for _, word := range call.Args {
		value, known := w.value(word)
		span := Span{}
		if known {
			span = w.text.span(w.bounds(word))
		}
		c.Words, c.Spans, c.Globs = append(c.Words, value), append(c.Spans, span), append(c.Globs, known && globs(word))
		if !known {
			c.begins(len(c.Words)-1, w.unquoted(word))
		}
	}
	args := call.Args[c.unwrap():]
	name := w.text.around(w.bounds(args[0]))
	c.Pos = name.Pos
	w.commands = append(w.commands, c)
	if reason := c.unfollowed(); reason != "" {
		w.unknown = append(w.unknown, Unknown{Span: name, Reason: reason})
	}
	for _, i := range c.scripts() {
		w.given(c, w.unquoted(args[i]), w.text.around(w.bounds(args[i])))
	}
	return flow{done: w.folder(c, args), after: w.folder(c, args), asked: slices.Contains(askers, c.Name())}
}

// askers are commands that are used to ask.
var askers = []string{"[", "test", "command", "which", "type", "hash", "grep", "false"}

// begins notes what a word begins with of which only the shell knows the rest.
func (c *Command) begins(i int, text *Text) {
	if text == nil {
		return
	}
	n := slices.IndexFunc(text.from, func(o origin) bool { return o.nature == Hidden })
	if n <= 0 {
		return
	}
	for len(c.Begins) < i {
		c.Begins = append(c.Begins, "")
	}
	c.Begins = append(c.Begins, string(text.bytes[:n]))
}

// folder is the one behind a command.
func (w *shellWalk) folder(c Command, args []*syntax.Word) string {
	if w.moving[c.Name()] {
		return ""
	}
	if c.Name() == "cd" && len(args) == 2 && w.depth == 0 {
		from, to := w.bounds(args[1])
		if m := ownFolder.FindSubmatch(w.text.bytes[from:to]); m != nil {
			return path.Join(".", string(m[1]))
		}
	}
	dir, ok := c.Moves(c.Dir)
	if c.Dir == "" || !ok {
		return ""
	}
	return dir
}

// ownFolder is how a script says "the folder that I lie in", and one relative to it.
var ownFolder = lazyregexp.New(`^"?(?:\$\(dirname (?:-- )?"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})"?\)|\$\{0%/\*\})"?(/[A-Za-z0-9_./-]+)?"?$`)

// unfollowed says why what a command runs is not known; empty where it is.
func (c Command) unfollowed() Reason {
	switch c.Name() {
	case "":
		return Computed
	case "eval":
		return Evaluated
	case "source", ".":
		return Sourced
	}
	return ""
}

// given reads the text that a shell is given: `sh -c 'cd api && air'`; nil is one that only the shell knows.
func (w *shellWalk) given(c Command, text *Text, place Span) {
	if !w.inner || w.depth == maxInner {
		return
	}
	if text == nil {
		w.unknown = append(w.unknown, Unknown{Span: place, Reason: Computed})
		return
	}
	file, err := ShellFile(text.String())
	if err != nil {
		w.unknown = append(w.unknown, Unknown{Span: place, Reason: NoShell})
		return
	}
	in := &shellWalk{text: text, inner: true, depth: w.depth + 1}
	in.file(file, c.Dir)
	w.commands, w.unknown = append(w.commands, in.commands...), append(w.unknown, in.unknown...)
}

// WordList reads a command that is given as a list of words, without a shell, and what a shell among them is given as text. It runs
// in dir, which is as of Command.
func WordList(words []*Text, dir string) ([]Command, []Unknown) {
	if len(words) == 0 {
		return nil, nil
	}
	c := Command{Dir: dir}
	for _, t := range words {
		value, span := "", Span{}
		if !t.hidden(0, len(t.bytes)) {
			value, span = t.String(), t.span(0, len(t.bytes))
		}
		c.Words, c.Spans, c.Globs = append(c.Words, value), append(c.Spans, span), append(c.Globs, false)
	}
	words = words[c.unwrap():]
	name := words[0].Place()
	c.Pos = name.Pos
	w := &shellWalk{inner: true, commands: []Command{c}}
	if c.Name() == "" {
		w.unknown = append(w.unknown, Unknown{Span: name, Reason: Computed})
	}
	for _, i := range c.scripts() {
		w.given(c, words[i], words[i].Place())
	}
	return w.commands, w.unknown
}

// WordLine reads a command from a text that a tool splits into words as a shell does, without starting one, and what a shell among
// them is given as text. To such a tool && and > are words like others: a text with them is not followed.
func (t *Text) WordLine(dir string) ([]Command, []Unknown) {
	file, err := ShellFile(t.String())
	if err != nil || len(file.Stmts) != 1 {
		return nil, t.noCommand()
	}
	s := file.Stmts[0]
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || len(call.Assigns) > 0 || len(s.Redirs) > 0 || s.Background || s.Negated {
		return nil, t.noCommand()
	}
	return t.Commands(dir, true)
}

func (t *Text) noCommand() []Unknown {
	if strings.TrimSpace(t.String()) == "" {
		return nil
	}
	return []Unknown{{Span: t.Place(), Reason: NoShell}}
}

// maxInner bounds how deep `sh -c` in `sh -c` is read.
const maxInner = 4

// PosixShell tells whether a program is a shell whose language is read here.
func PosixShell(name string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"}, strings.TrimSuffix(name, ".exe"))
}

// scripts are the indices of the words that are texts for a shell.
func (c Command) scripts() []int {
	if i := c.script(); i >= 0 {
		return []int{i}
	}
	return c.concurrent()
}

// script is the index of the word that a shell is given as text; -1 where it is given none.
func (c Command) script() int {
	if !PosixShell(path.Base(c.Name())) {
		return -1
	}
	for i := 1; i < len(c.Words); i++ {
		option := c.Words[i]
		if i == 1 && option == "sh" {
			continue // busybox sh
		}
		if !strings.HasPrefix(option, "-") || strings.HasPrefix(option, "--") {
			return -1
		}
		if strings.Contains(option, "c") && i+1 < len(c.Words) {
			return i + 1
		}
		if strings.HasSuffix(option, "o") { // takes a word: -o pipefail
			i++
		}
	}
	return -1
}

func (w *shellWalk) bounds(word *syntax.Word) (from, to int) {
	n := len(w.text.bytes)
	from, to = min(int(word.Pos().Offset()), n), min(int(word.End().Offset()), n)
	return from, max(from, to)
}

// value is what a word means when no shell is needed to tell; else it is empty and known is false.
func (w *shellWalk) value(word *syntax.Word) (value string, known bool) {
	if word == nil {
		return "", true
	}
	text := w.unquoted(word)
	if text == nil || text.hidden(0, len(text.bytes)) {
		return "", false
	}
	return text.String(), true
}

// unquoted is a word as the shell understands it, quotes and backslashes taken away. What only the shell knows is hidden; nil where
// it is all.
func (w *shellWalk) unquoted(word *syntax.Word) *Text {
	out := w.text.src.Empty()
	if !w.parts(out, word.Parts, false) {
		return nil
	}
	return out
}

func (w *shellWalk) parts(out *Text, parts []syntax.WordPart, quoted bool) bool {
	for _, part := range parts {
		from, to := min(int(part.Pos().Offset()), len(w.text.bytes)), min(int(part.End().Offset()), len(w.text.bytes))
		switch x := part.(type) {
		case *syntax.Lit:
			if !w.literal(out, from, to, quoted) {
				return false
			}
		case *syntax.SglQuoted:
			if x.Dollar || to-from < 2 {
				return false
			}
			out.Append(w.text.Part(from+1, to-1))
		case *syntax.DblQuoted:
			if x.Dollar || !w.parts(out, x.Parts, true) {
				return false
			}
		case *syntax.ParamExp, *syntax.CmdSubst, *syntax.ArithmExp:
			at := w.text.around(from, to)
			out.hide(at.Start, at.End)
		default:
			return false
		}
	}
	return true
}

// literal adds bytes from..to without their backslashes. Within double quotes a backslash is only special before some characters
// (POSIX, Shell Command Language, 2.2.3).
func (w *shellWalk) literal(out *Text, from, to int, quoted bool) bool {
	t := w.text
	for i := from; i < to; i++ {
		join := t.bytes[i] == '\\' && i+1 < len(t.bytes) && t.bytes[i+1] == '\n' // the parser may end the part between the two
		if !join && (t.bytes[i] != '\\' || i+1 >= to || quoted && !strings.ContainsRune("$`\"\\\n", rune(t.bytes[i+1]))) {
			out.Append(t.Part(i, i+1))
			continue
		}
		if w.quoted {
			return false
		}
		if join {
			out.DropTo(t.at(i + 2))
		} else {
			out.Append(t.Part(i+1, i+2))
			if o := &out.from[len(out.from)-1]; o.nature == Written && t.from[i].nature == Written && t.from[i].end == o.start {
				o.start = t.from[i].start
			}
		}
		i++
	}
	return true
}

// globs tells whether the shell may put other words in the place of this one: the names of the files that match it, a home folder.
func globs(word *syntax.Word) bool {
	bare := bare(word)
	open := strings.IndexByte(bare, '{')
	list := open >= 0 && (strings.Contains(bare[open:], ",") || strings.Contains(bare[open:], "..")) && strings.Contains(bare[open:], "}")
	class := strings.IndexByte(bare, '[')
	return list || class >= 0 && strings.Contains(bare[class:], "]") || strings.ContainsAny(bare, "*?") || strings.HasPrefix(bare, "~")
}

// bare is what stands in a word without quotes and backslashes; an x stands for what has them.
func bare(word *syntax.Word) string {
	var b strings.Builder
	for _, part := range word.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			b.WriteByte('x')
			continue
		}
		for i := 0; i < len(lit.Value); i++ {
			if c := lit.Value[i]; c != '\\' {
				b.WriteByte(c)
				continue
			}
			b.WriteByte('x')
			i++
		}
	}
	return b.String()
}

// unwrap looks through `exec CMD`, `env A=b CMD` and their like to the command that is meant, and gives the number of words before it.
func (c *Command) unwrap() int {
	i := 0
	for i+1 < len(c.Words) {
		word := c.Words[i]
		if isAssign := i > 0 && strings.Contains(word, "=") && !strings.HasPrefix(word, "-"); isAssign {
			c.Assigns = append(c.Assigns, word)
		} else if slices.Contains(lenders, word) {
			dashes := slices.Index(c.Words[i:], "--")
			if dashes < 0 || i+dashes+1 == len(c.Words) {
				break
			}
			i += dashes
		} else if !slices.Contains([]string{"exec", "env", "nohup", "time", "cross-env"}, word) {
			break
		}
		i++
	}
	if strings.HasPrefix(c.Words[i], "-") {
		return 0 // an option of the wrapper: what it means is the wrapper's affair
	}
	c.Words, c.Spans, c.Globs = c.Words[i:], c.Spans[i:], c.Globs[i:]
	c.Begins = c.Begins[min(i, len(c.Begins)):]
	return i
}
