package monitor

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// screen is what a terminal of that size shows of a page.
func screen(t *testing.T, width, height int, page Page) []string {
	t.Helper()
	var m tea.Model = model{stop: func() {}}
	for _, msg := range []tea.Msg{page, tea.WindowSizeMsg{Width: width, Height: height}} {
		m, _ = m.Update(msg)
	}
	v := m.View()
	if !v.AltScreen {
		t.Error("it does not leave the screen as it was")
	}
	return strings.Split(v.Content, "\n")
}

func TestLivePage(t *testing.T) {
	page := func(width int) (string, string) {
		return strings.Repeat(strings.Repeat("x", width)+"\n", 20), "the foot"
	}
	for _, size := range []struct{ width, height int }{{80, 24}, {40, 10}, {20, 5}, {10, 3}, {1, 1}} {
		lines := screen(t, size.width, size.height, page)
		if len(lines) > max(2, size.height) || lines[len(lines)-1] != "the foot" {
			t.Errorf("%d by %d: %d lines, the last is %q", size.width, size.height, len(lines), lines[len(lines)-1])
		}
	}
	if v := (model{page: page}).View(); v.Content != "" {
		t.Errorf("before the size is known it shows %q", v.Content)
	}
}

func TestLiveKeys(t *testing.T) {
	for _, key := range []tea.KeyPressMsg{{Code: 'q', Text: "q"}, {Code: tea.KeyEscape}, {Code: 'c', Mod: tea.ModCtrl}} {
		stopped := false
		model{stop: func() { stopped = true }}.Update(key)
		if !stopped {
			t.Errorf("%s does not end it", key)
		}
	}
	model{stop: func() { t.Error("x ends it") }}.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
}
