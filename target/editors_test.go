package target

import "testing"

func TestSafeWriteOff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`<application><component name="GeneralSettings"><option name="useSafeWrite" value="false" /></component></application>`: true,
		`<application><component name="GeneralSettings"><option name="useSafeWrite" value="true" /></component></application>`:  false,
		`<application></application>`: false,
		``:                            false,
	} {
		if got, err := safeWriteOff([]byte(text)); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if _, err := safeWriteOff([]byte(`<application><option name="use`)); err == nil {
		t.Error("half a file passes")
	}
}

func FuzzSafeWriteOff(f *testing.F) {
	f.Add([]byte(`<application><component name="GeneralSettings"><option name="useSafeWrite" value="false" /></component></application>`))
	f.Add([]byte("<application><option name=\"use"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = safeWriteOff(data) })
}

func TestSysctlLine(t *testing.T) {
	t.Parallel()
	text := "# fs.inotify.max_user_watches = 1\nfs.inotify.max_user_watches=8192\n-fs/inotify/max_user_watches = 4096\nkernel.sysrq = 1\n"
	s := sysctlLine([]byte(text), "fs.inotify.max_user_watches")
	if s == nil || s.Line != 3 || s.Value != "4096" || s.Text != "-fs/inotify/max_user_watches = 4096" {
		t.Errorf("got %+v", s)
	}
	if s := sysctlLine([]byte(text), "fs.file-max"); s != nil {
		t.Errorf("got %+v", s)
	}
}

func FuzzSysctlLine(f *testing.F) {
	f.Add([]byte("fs.inotify.max_user_watches=8192\n"), "fs.inotify.max_user_watches")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		if s := sysctlLine(data, name); s != nil && s.Line < 1 {
			t.Errorf("line %d", s.Line)
		}
	})
}
