package host

import "testing"

func TestFilesystemOf(t *testing.T) {
	t.Parallel()
	mounts := []Mount{
		{Point: "/", Type: "ext4", Source: "/dev/sda1"},
		{Point: "/mnt/c", Type: "9p", Source: `C:\`, Options: []string{"aname=drvfs;path=C:\\"}},
		{Point: "/home/anna/shop", Type: "overlay", Source: "overlay"},
		{Point: "/home/anna/shop", Type: "fuse.sshfs", Source: "srv:/shop"}, // mounted over the one before
		{Point: "/vagrant", Type: "vboxsf", Source: "vagrant"},
		{Point: "/data", Type: "fuseblk", Source: "/dev/sdb1"},
		{Point: "/mac", Type: "fuse.grpcfuse", Source: "grpcfuse"},
		{Point: "/odd", Type: "newfs", Source: "x"},
	}
	for _, test := range []struct {
		dir, kind, other string
		events           Events
	}{
		{"/home/anna", "ext4", "", AllEvents},
		{"/mnt/c/Users/anna/shop", "9p", "Windows", OwnEvents},
		{"/mnt/cc", "ext4", "", AllEvents},
		{"/home/anna/shop/internal", "fuse.sshfs", "the other machine", OwnEvents},
		{"/vagrant", "vboxsf", "the host", OwnEvents},
		{"/data/x", "fuseblk", "", AllEvents},
		{"/mac/shop", "fuse.grpcfuse", "the Mac", ForwardedEvents},
		{"/odd", "newfs", "", EventsUnknown},
	} {
		f, ok := FilesystemOf(mounts, test.dir, Surroundings{})
		if !ok || f.Type != test.kind || f.Other != test.other || f.Events != test.events {
			t.Errorf("%s lies on %q, changed by %q, events %d; want %+v", test.dir, f.Type, f.Other, f.Events, test)
		}
	}
	if f, ok := FilesystemOf([]Mount{{Point: "/mnt/d", Type: "9p"}}, "/mnt/d/x", Surroundings{WSL: 2}); !ok || f.Other != "Windows" {
		t.Errorf("a drive in WSL 2: %+v", f)
	}
	if _, ok := FilesystemOf(nil, "/x", Surroundings{}); ok {
		t.Error("no mounts hold something")
	}
}

func FuzzFilesystemOf(f *testing.F) {
	f.Add("/", "ext4", "/dev/sda1", "rw", "/home")
	f.Add("/mnt/c", "9p", `C:\`, "aname=drvfs", "/mnt/c/x")
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, point, kind, source, option, dir string) {
		m := Mount{Point: point, Type: kind, Source: source, Options: []string{option}}
		if fs, ok := FilesystemOf([]Mount{m, m}, dir, Surroundings{WSL: 2}); ok && fs.Point != point {
			t.Errorf("%q lies on %q", dir, fs.Point)
		}
	})
}
