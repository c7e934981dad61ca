package host

// Shares is what a process shares with others and may run out of with them. Numbers that the system does not tell are 0, and a Max
// of 0 is no limit.
type Shares struct {
	Files   Share `json:"files"`   // open files of the whole machine, fs.file-max
	Tracked Share `json:"tracked"` // connections that netfilter keeps track of, net.netfilter.nf_conntrack_max
	// Backlog is net.core.somaxconn: the longest queue of connections to be accepted that a socket is given.
	Backlog int `json:"backlog"`
	// Overflows counts the connections that were turned away because such a queue was full, since the network namespace of the
	// process is there.
	Overflows int64 `json:"overflows"`
	// Tasks are the threads and processes of the process's control group, or of the one above that is nearest to its end; Memory
	// likewise, in bytes, without what the kernel can take back from the cache of files.
	Tasks  Share `json:"tasks"`
	Memory Share `json:"memory"`
	// Killed counts the processes of that control group that were killed because its memory was used up.
	Killed int64 `json:"killed"`
}

// Share is how much of a thing is taken.
type Share struct {
	Used  int64  `json:"used"`
	Max   int64  `json:"max"`
	Group string `json:"group,omitempty"` // the control group that sets Max
}

// Near tells whether a part of at least so much is taken: 0.8 is four fifths.
func (s Share) Near(part float64) bool { return s.Max > 0 && float64(s.Used) >= part*float64(s.Max) }
