package target

import (
	"os"
	"path/filepath"
	"strings"
)

// Runs tells whether a program built for a platform may run on this machine, by the processor, an emulator that the kernel
// calls by itself (binfmt_misc: qemu, and Windows programs under WSL) or a wrapper for `go run` on PATH. It errs towards yes.
func (t *Target) Runs(goos, goarch, hostArch string) bool {
	if t.LookPath("go_"+goos+"_"+goarch+"_exec") != "" { // `go help run`, -exec
		return true
	}
	host := t.opts.Host.OS()
	switch {
	case goos == "windows" && host == "linux":
		return emulated("WSLInterop")
	case goos != host && !(goos == "android" && host == "linux"):
		return false
	case goarch == "386" && hostArch == "amd64", goarch == "arm" && hostArch == "arm64":
		return true // 64-bit processors mostly run 32-bit programs of their family
	case host != "linux":
		return goarch == "amd64" // Rosetta on macOS, and the emulation of Windows on Arm
	}
	return emulated("qemu-" + qemuName(goarch))
}

func qemuName(goarch string) string {
	if name, ok := map[string]string{"arm64": "aarch64", "amd64": "x86_64", "386": "i386", "mipsle": "mipsel", "mips64le": "mips64el"}[goarch]; ok {
		return name
	}
	return goarch
}

// emulated tells whether binfmt_misc has an interpreter of that name registered and switched on. Rosetta inside a Linux
// virtual machine calls itself so.
func emulated(name string) bool {
	for _, n := range []string{name, "rosetta"} {
		data, err := os.ReadFile(filepath.Join("/proc/sys/fs/binfmt_misc", n))
		if err == nil && strings.HasPrefix(string(data), "enabled") && (n == name || name == "qemu-x86_64") {
			return true
		}
	}
	return false
}
