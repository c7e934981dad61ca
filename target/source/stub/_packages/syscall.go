package syscall

type Conn interface{ SyscallConn() (RawConn, error) }
type Credential struct {
	Uid         uint32
	Gid         uint32
	Groups      []uint32
	NoSetGroups bool
}

const EACCES Errno = 13
const EADDRINUSE Errno = 98
const EADDRNOTAVAIL Errno = 99
const EADV Errno = 68
const EAFNOSUPPORT Errno = 97
const EAGAIN Errno = 11
const EALREADY Errno = 114
const EBADE Errno = 52
const EBADF Errno = 9
const EBADFD Errno = 77
const EBADMSG Errno = 74
const EBADR Errno = 53
const EBADRQC Errno = 56
const EBADSLT Errno = 57
const EBFONT Errno = 59
const EBUSY Errno = 16
const ECANCELED Errno = 125
const ECHILD Errno = 10
const ECHO = 8
const ECHOCTL = 512
const ECHOE = 16
const ECHOK = 32
const ECHOKE = 2048
const ECHONL = 64
const ECHOPRT = 1024
const ECHRNG Errno = 44
const ECOMM Errno = 70
const ECONNABORTED Errno = 103
const ECONNREFUSED Errno = 111
const ECONNRESET Errno = 104
const EDEADLK Errno = 35
const EDEADLOCK Errno = 35
const EDESTADDRREQ Errno = 89
const EDOM Errno = 33
const EDOTDOT Errno = 73
const EDQUOT Errno = 122
const EEXIST Errno = 17
const EFAULT Errno = 14
const EFBIG Errno = 27
const EHOSTDOWN Errno = 112
const EHOSTUNREACH Errno = 113
const EIDRM Errno = 43
const EILSEQ Errno = 84
const EINPROGRESS Errno = 115
const EINTR Errno = 4
const EINVAL Errno = 22
const EIO Errno = 5
const EISCONN Errno = 106
const EISDIR Errno = 21
const EISNAM Errno = 120
const EKEYEXPIRED Errno = 127
const EKEYREJECTED Errno = 129
const EKEYREVOKED Errno = 128
const ELIBACC Errno = 79
const ELIBBAD Errno = 80
const ELIBEXEC Errno = 83
const ELIBMAX Errno = 82
const ELIBSCN Errno = 81
const ELNRNG Errno = 48
const ELOOP Errno = 40
const EMEDIUMTYPE Errno = 124
const EMFILE Errno = 24
const EMLINK Errno = 31
const EMSGSIZE Errno = 90
const EMULTIHOP Errno = 72
const ENAMETOOLONG Errno = 36
const ENAVAIL Errno = 119
const ENETDOWN Errno = 100
const ENETRESET Errno = 102
const ENETUNREACH Errno = 101
const ENFILE Errno = 23
const ENOANO Errno = 55
const ENOBUFS Errno = 105
const ENOCSI Errno = 50
const ENODATA Errno = 61
const ENODEV Errno = 19
const ENOENT Errno = 2
const ENOEXEC Errno = 8
const ENOKEY Errno = 126
const ENOLCK Errno = 37
const ENOLINK Errno = 67
const ENOMEDIUM Errno = 123
const ENOMEM Errno = 12
const ENOMSG Errno = 42
const ENONET Errno = 64
const ENOPKG Errno = 65
const ENOPROTOOPT Errno = 92
const ENOSPC Errno = 28
const ENOSR Errno = 63
const ENOSTR Errno = 60
const ENOSYS Errno = 38
const ENOTBLK Errno = 15
const ENOTCONN Errno = 107
const ENOTDIR Errno = 20
const ENOTEMPTY Errno = 39
const ENOTNAM Errno = 118
const ENOTRECOVERABLE Errno = 131
const ENOTSOCK Errno = 88
const ENOTSUP Errno = 95
const ENOTTY Errno = 25
const ENOTUNIQ Errno = 76
const ENXIO Errno = 6
const EOPNOTSUPP Errno = 95
const EOVERFLOW Errno = 75
const EOWNERDEAD Errno = 130
const EPERM Errno = 1
const EPFNOSUPPORT Errno = 96
const EPIPE Errno = 32
const EPOLLERR = 8
const EPOLLET = -2147483648
const EPOLLHUP = 16
const EPOLLIN = 1
const EPOLLMSG = 1024
const EPOLLONESHOT = 1073741824
const EPOLLOUT = 4
const EPOLLPRI = 2
const EPOLLRDBAND = 128
const EPOLLRDHUP = 8192
const EPOLLRDNORM = 64
const EPOLLWRBAND = 512
const EPOLLWRNORM = 256
const EPROTO Errno = 71
const EPROTONOSUPPORT Errno = 93
const EPROTOTYPE Errno = 91
const ERANGE Errno = 34
const EREMCHG Errno = 78
const EREMOTE Errno = 66
const EREMOTEIO Errno = 121
const ERESTART Errno = 85
const ERFKILL Errno = 132
const EROFS Errno = 30
const ESHUTDOWN Errno = 108
const ESOCKTNOSUPPORT Errno = 94
const ESPIPE Errno = 29
const ESRCH Errno = 3
const ESRMNT Errno = 69
const ESTALE Errno = 116
const ESTRPIPE Errno = 86
const ETIME Errno = 62
const ETIMEDOUT Errno = 110
const ETOOMANYREFS Errno = 109
const ETXTBSY Errno = 26
const EUCLEAN Errno = 117
const EUNATCH Errno = 49
const EUSERS Errno = 87
const EWOULDBLOCK Errno = 11
const EXDEV Errno = 18
const EXFULL Errno = 54

func Environ() []string

type Errno uintptr

func (Errno) Error() string
func (Errno) Is(target error) bool
func (Errno) Temporary() bool
func (Errno) Timeout() bool
func Exec(argv0 string, argv []string, envv []string) (err error)
func Getenv(key string) (value string, found bool)
func Getpid() (pid int)
func Getrlimit(resource int, rlim *Rlimit) (err error)
func Kill(pid int, sig Signal) (err error)

const O_ACCMODE = 3
const O_APPEND = 1024
const O_ASYNC = 8192
const O_CLOEXEC = 524288
const O_CREAT = 64
const O_DIRECT = 16384
const O_DIRECTORY = 65536
const O_DSYNC = 4096
const O_EXCL = 128
const O_FSYNC = 1052672
const O_LARGEFILE = 0
const O_NDELAY = 2048
const O_NOATIME = 262144
const O_NOCTTY = 256
const O_NOFOLLOW = 131072
const O_NONBLOCK = 2048
const O_RDONLY = 0
const O_RDWR = 2
const O_RSYNC = 1052672
const O_SYNC = 1052672
const O_TRUNC = 512
const O_WRONLY = 1
const RLIMIT_NOFILE = 7

type RawConn interface {
	Control(f func(fd uintptr)) error
	Read(f func(fd uintptr) (done bool)) error
	Write(f func(fd uintptr) (done bool)) error
}
type Rlimit struct {
	Cur uint64
	Max uint64
}

const SIGABRT Signal = 6
const SIGALRM Signal = 14
const SIGBUS Signal = 7
const SIGCHLD Signal = 17
const SIGCLD Signal = 17
const SIGCONT Signal = 18
const SIGFPE Signal = 8
const SIGHUP Signal = 1
const SIGILL Signal = 4
const SIGINT Signal = 2
const SIGIO Signal = 29
const SIGIOT Signal = 6
const SIGKILL Signal = 9
const SIGPIPE Signal = 13
const SIGPOLL Signal = 29
const SIGPROF Signal = 27
const SIGPWR Signal = 30
const SIGQUIT Signal = 3
const SIGSEGV Signal = 11
const SIGSTKFLT Signal = 16
const SIGSTOP Signal = 19
const SIGSYS Signal = 31
const SIGTERM Signal = 15
const SIGTRAP Signal = 5
const SIGTSTP Signal = 20
const SIGTTIN Signal = 21
const SIGTTOU Signal = 22
const SIGUNUSED Signal = 31
const SIGURG Signal = 23
const SIGUSR1 Signal = 10
const SIGUSR2 Signal = 12
const SIGVTALRM Signal = 26
const SIGWINCH Signal = 28
const SIGXCPU Signal = 24
const SIGXFSZ Signal = 25
const S_IRUSR = 256

func Setrlimit(resource int, rlim *Rlimit) error

type Signal int

func (Signal) Signal()
func (Signal) String() string

type Stat_t struct {
	Dev       uint64
	Ino       uint64
	Nlink     uint64
	Mode      uint32
	Uid       uint32
	Gid       uint32
	X__pad0   int32
	Rdev      uint64
	Size      int64
	Blksize   int64
	Blocks    int64
	Atim      Timespec
	Mtim      Timespec
	Ctim      Timespec
	X__unused [3]int64
}

var Stderr int
var Stdin int
var Stdout int

type SysProcAttr struct {
	Chroot                     string
	Credential                 *Credential
	Ptrace                     bool
	Setsid                     bool
	Setpgid                    bool
	Setctty                    bool
	Noctty                     bool
	Ctty                       int
	Foreground                 bool
	Pgid                       int
	Pdeathsig                  Signal
	Cloneflags                 uintptr
	Unshareflags               uintptr
	UidMappings                []SysProcIDMap
	GidMappings                []SysProcIDMap
	GidMappingsEnableSetgroups bool
	AmbientCaps                []uintptr
	UseCgroupFD                bool
	CgroupFD                   int
	PidFD                      *int
}
type SysProcIDMap struct {
	ContainerID int
	HostID      int
	Size        int
}
type Timespec struct {
	Sec  int64
	Nsec int64
}

func (*Timespec) Unix() (sec int64, nsec int64)
func (*Timespec) Nano() int64
func Umask(mask int) (oldmask int)

type WaitStatus uint32

func (WaitStatus) Exited() bool
func (WaitStatus) Signaled() bool
func (WaitStatus) Stopped() bool
func (WaitStatus) Continued() bool
func (WaitStatus) CoreDump() bool
func (WaitStatus) ExitStatus() int
func (WaitStatus) Signal() Signal
func (WaitStatus) StopSignal() Signal
func (WaitStatus) TrapCause() int
