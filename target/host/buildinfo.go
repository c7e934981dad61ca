package host

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"io"
	"os"
)

// readBuildInfo reads what the Go linker wrote into the executable at path. /proc/PID/exe will do: it opens the very file
// that runs, also when its name is gone.
func readBuildInfo(path string) (*BuildInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := buildinfo.Read(f)
	if err != nil {
		return nil, err
	}
	b := &BuildInfo{BuildInfo: *info, BuildID: buildID(f)}
	if file, err := f.Stat(); err == nil {
		b.Modified, b.File = file.ModTime(), fileID(file)
	}
	return b, nil
}

// buildID reads the linker's build id, as `go tool buildid` does: from the ELF note .note.go.buildid where there is one, else
// from the marker that stands at the beginning of the text segment, within the first 32 kB of the file (cmd/internal/buildid).
func buildID(f io.ReaderAt) string {
	if exe, err := elf.NewFile(f); err == nil {
		section := exe.Section(".note.go.buildid")
		if section == nil {
			return ""
		}
		note, err := section.Data()
		if err != nil {
			return ""
		}
		return noteDescription(note, exe)
	}
	start := make([]byte, 32<<10)
	n, err := f.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return ""
	}
	return markedBuildID(start[:n])
}

// noteDescription takes the description out of an ELF note: sizes of name and description, type, the name padded to four
// bytes, the description.
func noteDescription(note []byte, exe *elf.File) string {
	const header = 12
	if len(note) < header {
		return ""
	}
	name, description := exe.ByteOrder.Uint32(note), exe.ByteOrder.Uint32(note[4:])
	at := uint64(header) + (uint64(name)+3)&^3
	if at+uint64(description) > uint64(len(note)) {
		return ""
	}
	return string(note[at : at+uint64(description)])
}

func markedBuildID(start []byte) string {
	_, rest, ok := bytes.Cut(start, []byte("\xff Go build ID: \""))
	if !ok {
		return ""
	}
	id, _, ok := bytes.Cut(rest, []byte("\"\n \xff"))
	if !ok {
		return ""
	}
	return string(id)
}
