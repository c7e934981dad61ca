package host

import "slices"

// Inotify is what the kernel lets this user watch, and who watches how much already (inotify(7), user_namespaces(7)).
type Inotify struct {
	// Watches and Instances are the most that this user may have in its user namespace; SystemWatches and SystemInstances those
	// of the outermost namespace, against which every other counts as well: the smaller binds.
	Watches         int `json:"watches"`
	Instances       int `json:"instances"`
	SystemWatches   int `json:"system_watches"`
	SystemInstances int `json:"system_instances"`
	// Queue is how many events wait in an instance before those that follow are lost.
	Queue int `json:"queue"`
	// Nested tells that we live in a user namespace below the outermost: the limits of the system are not ours to set.
	Nested bool `json:"nested"`
	// Holders are the processes of our user in our user namespace that hold instances, the one with most watches first.
	Holders []InotifyHolder `json:"holders"`
	// Denied counts the processes of our user that may hold more, and do not let us see it.
	Denied int `json:"denied"`
}

// InotifyHolder is a process with the inotify instances that it holds.
type InotifyHolder struct {
	PID       int    `json:"pid"`
	Name      string `json:"name"` // as the kernel keeps it
	Instances int    `json:"instances"`
	Watches   int    `json:"watches"`
}

// MostWatches and MostInstances are the limits that bind.
func (i *Inotify) MostWatches() int { return min(i.Watches, i.SystemWatches) }

// MostInstances is the limit of instances that binds.
func (i *Inotify) MostInstances() int { return min(i.Instances, i.SystemInstances) }

// Used adds up what the holders have.
func (i *Inotify) Used() (watches, instances int) {
	for _, h := range i.Holders {
		watches, instances = watches+h.Watches, instances+h.Instances
	}
	return watches, instances
}

// Holder is what one process has, the zero value where it holds none.
func (i *Inotify) Holder(pid int) InotifyHolder {
	if at := slices.IndexFunc(i.Holders, func(h InotifyHolder) bool { return h.PID == pid }); at >= 0 {
		return i.Holders[at]
	}
	return InotifyHolder{}
}
