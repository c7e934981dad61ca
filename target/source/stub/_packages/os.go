package os

import (
	"io"
	"io/fs"
	"syscall"
	"time"
)

var Args []string

func Chdir(dir string) error
func Chmod(name string, mode FileMode) error
func Chown(name string, uid int, gid int) error
func Chtimes(name string, atime time.Time, mtime time.Time) error
func Clearenv()
func CopyFS(dir string, fsys fs.FS) error
func Create(name string) (*File, error)
func CreateTemp(dir string, pattern string) (*File, error)

const DevNull = "/dev/null"

type DirEntry = fs.DirEntry

func DirFS(dir string) fs.FS
func Environ() []string

var ErrClosed error
var ErrDeadlineExceeded error
var ErrExist error
var ErrInvalid error
var ErrNoDeadline error
var ErrNoHandle error
var ErrNotExist error
var ErrPermission error
var ErrProcessDone error

func Executable() (string, error)
func Exit(code int)
func Expand(s string, mapping func(string) string) string
func ExpandEnv(s string) string

type File struct {
	*file
}

func (*File) Readdir(n int) ([]FileInfo, error)
func (*File) Readdirnames(n int) (names []string, err error)
func (*File) ReadDir(n int) ([]DirEntry, error)
func (*File) Name() string
func (*File) Read(b []byte) (n int, err error)
func (*File) ReadAt(b []byte, off int64) (n int, err error)
func (*File) ReadFrom(r io.Reader) (n int64, err error)
func (*File) Write(b []byte) (n int, err error)
func (*File) WriteAt(b []byte, off int64) (n int, err error)
func (*File) WriteTo(w io.Writer) (n int64, err error)
func (*File) Seek(offset int64, whence int) (ret int64, err error)
func (*File) WriteString(s string) (n int, err error)
func (*File) Chmod(mode FileMode) error
func (*File) SetDeadline(t time.Time) error
func (*File) SetReadDeadline(t time.Time) error
func (*File) SetWriteDeadline(t time.Time) error
func (*File) SyscallConn() (syscall.RawConn, error)
func (*File) Fd() uintptr
func (*File) Close() error
func (*File) Chown(uid int, gid int) error
func (*File) Truncate(size int64) error
func (*File) Sync() error
func (*File) Chdir() error
func (*File) Stat() (FileInfo, error)

type FileInfo = fs.FileInfo
type FileMode = fs.FileMode

func FindProcess(pid int) (*Process, error)
func Getegid() int
func Getenv(key string) string
func Geteuid() int
func Getgid() int
func Getgroups() ([]int, error)
func Getpagesize() int
func Getpid() int
func Getppid() int
func Getuid() int
func Getwd() (dir string, err error)
func Hostname() (name string, err error)

var Interrupt Signal

func IsExist(err error) bool
func IsNotExist(err error) bool
func IsPathSeparator(c uint8) bool
func IsPermission(err error) bool
func IsTimeout(err error) bool

var Kill Signal

func Lchown(name string, uid int, gid int) error
func Link(oldname string, newname string) error

type LinkError struct {
	Op  string
	Old string
	New string
	Err error
}

func (*LinkError) Error() string
func (*LinkError) Unwrap() error
func LookupEnv(key string) (string, bool)
func Lstat(name string) (FileInfo, error)
func Mkdir(name string, perm FileMode) error
func MkdirAll(path string, perm FileMode) error
func MkdirTemp(dir string, pattern string) (string, error)

const ModeAppend fs.FileMode = 1073741824
const ModeCharDevice fs.FileMode = 2097152
const ModeDevice fs.FileMode = 67108864
const ModeDir fs.FileMode = 2147483648
const ModeExclusive fs.FileMode = 536870912
const ModeIrregular fs.FileMode = 524288
const ModeNamedPipe fs.FileMode = 33554432
const ModePerm fs.FileMode = 511
const ModeSetgid fs.FileMode = 4194304
const ModeSetuid fs.FileMode = 8388608
const ModeSocket fs.FileMode = 16777216
const ModeSticky fs.FileMode = 1048576
const ModeSymlink fs.FileMode = 134217728
const ModeTemporary fs.FileMode = 268435456
const ModeType fs.FileMode = 2401763328

func NewFile(fd uintptr, name string) *File
func NewSyscallError(syscall string, err error) error

const O_APPEND int = 1024
const O_CREATE int = 64
const O_EXCL int = 128
const O_RDONLY int = 0
const O_RDWR int = 2
const O_SYNC int = 1052672
const O_TRUNC int = 512
const O_WRONLY int = 1

func Open(name string) (*File, error)
func OpenFile(name string, flag int, perm FileMode) (*File, error)
func OpenInRoot(dir string, name string) (*File, error)
func OpenRoot(name string) (*Root, error)

type PathError = fs.PathError

const PathListSeparator = 58
const PathSeparator = 47

func Pipe() (r *File, w *File, err error)

type ProcAttr struct {
	Dir   string
	Env   []string
	Files []*File
	Sys   *syscall.SysProcAttr
}
type Process struct {
	Pid int
	_   int
}

func (*Process) Release() error
func (*Process) Kill() error
func (*Process) Wait() (*ProcessState, error)
func (*Process) Signal(sig Signal) error
func (*Process) WithHandle(f func(handle uintptr)) error

type ProcessState struct {
	_ int
}

func (*ProcessState) UserTime() time.Duration
func (*ProcessState) SystemTime() time.Duration
func (*ProcessState) Exited() bool
func (*ProcessState) Success() bool
func (*ProcessState) Sys() any
func (*ProcessState) SysUsage() any
func (*ProcessState) Pid() int
func (*ProcessState) String() string
func (*ProcessState) ExitCode() int
func ReadDir(name string) ([]DirEntry, error)
func ReadFile(name string) ([]byte, error)
func Readlink(name string) (string, error)
func Remove(name string) error
func RemoveAll(path string) error
func Rename(oldpath string, newpath string) error

type Root struct {
	_ int
}

func (*Root) Name() string
func (*Root) Close() error
func (*Root) Open(name string) (*File, error)
func (*Root) Create(name string) (*File, error)
func (*Root) OpenFile(name string, flag int, perm FileMode) (*File, error)
func (*Root) OpenRoot(name string) (*Root, error)
func (*Root) Chmod(name string, mode FileMode) error
func (*Root) Mkdir(name string, perm FileMode) error
func (*Root) MkdirAll(name string, perm FileMode) error
func (*Root) Chown(name string, uid int, gid int) error
func (*Root) Lchown(name string, uid int, gid int) error
func (*Root) Chtimes(name string, atime time.Time, mtime time.Time) error
func (*Root) Remove(name string) error
func (*Root) RemoveAll(name string) error
func (*Root) Stat(name string) (FileInfo, error)
func (*Root) Lstat(name string) (FileInfo, error)
func (*Root) Readlink(name string) (string, error)
func (*Root) Rename(oldname string, newname string) error
func (*Root) Link(oldname string, newname string) error
func (*Root) Symlink(oldname string, newname string) error
func (*Root) ReadFile(name string) ([]byte, error)
func (*Root) WriteFile(name string, data []byte, perm FileMode) error
func (*Root) FS() fs.FS

const SEEK_CUR int = 1
const SEEK_END int = 2
const SEEK_SET int = 0

func SameFile(fi1 FileInfo, fi2 FileInfo) bool
func Setenv(key string, value string) error

type Signal interface {
	Signal()
	String() string
}

func StartProcess(name string, argv []string, attr *ProcAttr) (*Process, error)
func Stat(name string) (FileInfo, error)

var Stderr *File
var Stdin *File
var Stdout *File

func Symlink(oldname string, newname string) error

type SyscallError struct {
	Syscall string
	Err     error
}

func (*SyscallError) Error() string
func (*SyscallError) Unwrap() error
func (*SyscallError) Timeout() bool
func TempDir() string
func Truncate(name string, size int64) error
func Unsetenv(key string) error
func UserCacheDir() (string, error)
func UserConfigDir() (string, error)
func UserHomeDir() (string, error)
func WriteFile(name string, data []byte, perm FileMode) error

type file struct {
	_ int
}
