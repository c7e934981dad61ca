package monitor

import (
	"context"
	"io"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// Live shows a watch on a whole terminal while it goes on. What was on the screen before is there again when it is closed.
type Live struct {
	program *tea.Program
	ended   sync.WaitGroup
}

// Page draws what there is to say at the moment, in lines of that width, and the line that stays at the foot of the screen.
type Page func(width int) (page, foot string)

// NewLive takes the terminal. in is where keys come from, nil where nobody can press any; stop is called when the user wants to end
// the watch.
func NewLive(in io.Reader, out io.Writer, environ []string, stop func()) *Live {
	l := &Live{}
	l.program = tea.NewProgram(model{stop: stop, page: func(int) (string, string) { return "", "" }},
		tea.WithInput(in), tea.WithOutput(out), tea.WithEnvironment(environ), tea.WithoutSignalHandler(),
		tea.WithContext(context.Background()), tea.WithFPS(30))
	l.ended.Go(func() {
		if _, err := l.program.Run(); err != nil {
			stop() // without a screen nobody would see what goes on
		}
	})
	return l
}

// Show puts a page on the screen. The page is drawn again when the size of the terminal changes, so it must not change.
func (l *Live) Show(page Page) { l.program.Send(page) }

// Close gives the terminal back.
func (l *Live) Close() {
	l.program.Quit()
	l.ended.Wait()
}

// model is the state of the screen.
type model struct {
	page          Page
	width, height int
	stop          func()
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case Page:
		m.page = msg
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "q", "esc", "ctrl+c", "ctrl+d":
			m.stop()
		case "ctrl+z":
			return m, tea.Suspend
		}
	}
	return m, nil
}

// View cuts the page where the screen ends; the foot is always there.
func (m model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	if m.width == 0 || m.height == 0 {
		return v // the size is not known yet
	}
	page, foot := m.page(m.width)
	lines := strings.Split(strings.TrimRight(page, "\n"), "\n")
	room := max(0, m.height-2)
	if len(lines) > room {
		lines = lines[:room]
	}
	for len(lines) < room {
		lines = append(lines, "")
	}
	v.SetContent(strings.Join(append(lines, "", foot), "\n"))
	return v
}
