package fs

import (
	"time"
)

type DirEntry interface {
	Info() (FileInfo, error)
	IsDir() bool
	Name() string
	Type() FileMode
}

var ErrClosed error
var ErrExist error
var ErrInvalid error
var ErrNotExist error
var ErrPermission error

type FS interface {
	Open(name string) (File, error)
}
type File interface {
	Close() error
	Read([]byte) (int, error)
	Stat() (FileInfo, error)
}
type FileInfo interface {
	IsDir() bool
	ModTime() time.Time
	Mode() FileMode
	Name() string
	Size() int64
	Sys() any
}

func FileInfoToDirEntry(info FileInfo) DirEntry

type FileMode uint32

func (FileMode) String() string
func (FileMode) IsDir() bool
func (FileMode) IsRegular() bool
func (FileMode) Perm() FileMode
func (FileMode) Type() FileMode
func FormatDirEntry(dir DirEntry) string
func FormatFileInfo(info FileInfo) string
func Glob(fsys FS, pattern string) (matches []string, err error)

type GlobFS interface {
	Glob(pattern string) ([]string, error)
	FS
}

func Lstat(fsys FS, name string) (FileInfo, error)

const ModeAppend FileMode = 1073741824
const ModeCharDevice FileMode = 2097152
const ModeDevice FileMode = 67108864
const ModeDir FileMode = 2147483648
const ModeExclusive FileMode = 536870912
const ModeIrregular FileMode = 524288
const ModeNamedPipe FileMode = 33554432
const ModePerm FileMode = 511
const ModeSetgid FileMode = 4194304
const ModeSetuid FileMode = 8388608
const ModeSocket FileMode = 16777216
const ModeSticky FileMode = 1048576
const ModeSymlink FileMode = 134217728
const ModeTemporary FileMode = 268435456
const ModeType FileMode = 2401763328

type PathError struct {
	Op   string
	Path string
	Err  error
}

func (*PathError) Error() string
func (*PathError) Unwrap() error
func (*PathError) Timeout() bool
func ReadDir(fsys FS, name string) ([]DirEntry, error)

type ReadDirFS interface {
	ReadDir(name string) ([]DirEntry, error)
	FS
}
type ReadDirFile interface {
	ReadDir(n int) ([]DirEntry, error)
	File
}

func ReadFile(fsys FS, name string) ([]byte, error)

type ReadFileFS interface {
	ReadFile(name string) ([]byte, error)
	FS
}

func ReadLink(fsys FS, name string) (string, error)

type ReadLinkFS interface {
	Lstat(name string) (FileInfo, error)
	ReadLink(name string) (string, error)
	FS
}

var SkipAll error
var SkipDir error

func Stat(fsys FS, name string) (FileInfo, error)

type StatFS interface {
	Stat(name string) (FileInfo, error)
	FS
}

func Sub(fsys FS, dir string) (FS, error)

type SubFS interface {
	Sub(dir string) (FS, error)
	FS
}

func ValidPath(name string) bool
func WalkDir(fsys FS, root string, fn WalkDirFunc) error

type WalkDirFunc func(path string, d DirEntry, err error) error
