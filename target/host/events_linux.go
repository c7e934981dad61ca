package host

import "golang.org/x/sys/unix"

// eventful are the kinds of filesystem on which every change is made through this kernel, which tells of it (statfs(2)).
var eventful = map[int64]string{
	0xEF53: "ext4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0x01021994: "tmpfs", 0x2FC12FC1: "zfs", 0xF2F52010: "f2fs", 0x794C7630: "overlay",
}

// LocalFilesystem is the kind of filesystem that a folder lies on, where that is one whose changes all give events; "" for any
// other, such as a share or what a virtual machine passes in.
func LocalFilesystem(dir string) string {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return ""
	}
	return eventful[int64(st.Type)]
}
