package host

import (
	"path/filepath"
	"slices"
	"strings"
)

// Events says which changes of a filesystem this system tells its watchers of.
type Events int

// The kinds of filesystem by what they tell.
const (
	EventsUnknown   Events = iota // of a kind that we do not know
	AllEvents                     // every change is made through this system, which tells of it
	OwnEvents                     // those made on this system; what the other side changes arrives without a word
	ForwardedEvents               // those of the other side are passed on, mostly
)

// Filesystem is what a folder lies on.
type Filesystem struct {
	Mount
	Events Events
	Name   string // as its user knows it: "a Windows drive (9p)"
	Other  string // who else changes files there: "Windows", "the server"; empty where nobody does
}

// Surroundings are what this machine runs in.
type Surroundings struct {
	WSL       int    `json:"wsl"`       // 1 or 2 inside the Windows Subsystem for Linux, else 0
	Container string `json:"container"` // what shows that we are in a container; empty outside
}

// kind is what is known of a type of filesystem.
type kind struct {
	events      Events
	name, other string
}

// kinds are the types of filesystem by their names in mountinfo. Local ones change through this kernel only, which tells of each
// change (inotify(7): "inotify reports only events that a user-space program triggers through the filesystem API").
var kinds = map[string]kind{
	"nfs": {OwnEvents, "a network share (nfs)", "the server"}, "nfs4": {OwnEvents, "a network share (nfs)", "the server"},
	"cifs": {OwnEvents, "a Windows share (cifs)", "the server"}, "smb3": {OwnEvents, "a Windows share (smb3)", "the server"},
	"smbfs": {OwnEvents, "a Windows share (smbfs)", "the server"}, "afs": {OwnEvents, "a network share (afs)", "the server"},
	"ceph": {OwnEvents, "a network share (ceph)", "other machines"}, "glusterfs": {OwnEvents, "a network share (glusterfs)", "other machines"},
	"fuse.sshfs": {OwnEvents, "another machine's folder (sshfs)", "the other machine"}, "9p": {OwnEvents, "a shared folder (9p)", "the host"},
	"virtiofs": {OwnEvents, "a shared folder of this virtual machine (virtiofs)", "the host"}, "vboxsf": {OwnEvents, "a shared folder of VirtualBox (vboxsf)", "the host"},
	"prl_fs": {OwnEvents, "a shared folder of Parallels (prl_fs)", "the host"}, "vmhgfs": {OwnEvents, "a shared folder of VMware (vmhgfs)", "the host"},
	"fuse.vmhgfs-fuse": {OwnEvents, "a shared folder of VMware (vmhgfs-fuse)", "the host"}, "fuse.prl_fsd": {OwnEvents, "a shared folder of Parallels (prl_fsd)", "the host"},
	// Docker Desktop for Mac and WSL 1 pass on what the other side changes; they are known to lose some.
	"fuse.grpcfuse": {ForwardedEvents, "a shared folder of Docker Desktop (grpcfuse)", "the Mac"}, "grpcfuse": {ForwardedEvents, "a shared folder of Docker Desktop (grpcfuse)", "the Mac"},
	"fuse.osxfs": {ForwardedEvents, "a shared folder of Docker Desktop (osxfs)", "the Mac"}, "osxfs": {ForwardedEvents, "a shared folder of Docker Desktop (osxfs)", "the Mac"},
	"fakeowner": {ForwardedEvents, "a shared folder of Docker Desktop (fakeowner)", "the Mac"}, "drvfs": {ForwardedEvents, "a Windows drive (drvfs)", "Windows"},
}

// localTypes are the types that lie on this machine's own disks and memory; fuseblk is FUSE on a local disk.
var localTypes = []string{
	"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs", "nilfs2", "tmpfs", "ramfs", "overlay", "aufs", "ecryptfs",
	"vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "hfsplus", "apfs", "hfs", "NTFS", "lxfs", "wslfs", "squashfs", "erofs", "iso9660",
}

// FilesystemOf finds what an absolute path without links lies on; ok is false where no mount holds it.
func FilesystemOf(mounts []Mount, abs string, around Surroundings) (f Filesystem, ok bool) {
	for _, m := range mounts {
		// Of two that are mounted at one place the later hides the earlier.
		if holds(m.Point, abs) && (!ok || len(m.Point) >= len(f.Point)) {
			f.Mount, ok = m, true
		}
	}
	if ok {
		f.know(around)
	}
	return f, ok
}

func holds(point, abs string) bool {
	if point == abs || point == "/" {
		return point != ""
	}
	rest, ok := strings.CutPrefix(abs, strings.TrimSuffix(point, string(filepath.Separator)))
	return ok && point != "" && rest != "" && (rest[0] == '/' || rest[0] == filepath.Separator)
}

func (f *Filesystem) know(around Surroundings) {
	k, known := kinds[f.Type]
	switch {
	case f.windowsDrive(around):
		k = kind{OwnEvents, "a Windows drive (" + f.Type + ")", "Windows"}
	case known:
	case slices.Contains(localTypes, f.Type):
		k = kind{events: AllEvents, name: "a local disk (" + f.Type + ")"}
	case f.Type == "fuse" || strings.HasPrefix(f.Type, "fuse.") || f.Type == "macfuse" || f.Type == "osxfuse":
		k = kind{OwnEvents, "a filesystem run by a program (" + f.Type + ")", "what lies behind it"}
	default:
		k = kind{name: f.Type}
	}
	f.Events, f.Name, f.Other = k.events, k.name, k.other
}

// windowsDrive tells whether this is a drive of Windows as WSL 2 mounts it, there and in the containers of Docker Desktop.
func (f *Filesystem) windowsDrive(around Surroundings) bool {
	if f.Type != "9p" && f.Type != "virtiofs" {
		return false
	}
	if slices.ContainsFunc(f.Options, func(o string) bool { return strings.Contains(o, "aname=drvfs") }) {
		return true
	}
	drive := len(f.Source) > 1 && f.Source[1] == ':' // "C:\"
	return drive || f.Source == "drvfs" || strings.HasPrefix(f.Source, "drvfsa") || around.WSL == 2 && strings.HasPrefix(f.Point, "/mnt/") && f.Type == "9p"
}
