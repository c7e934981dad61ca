package plugin

func Open(path string) (*Plugin, error)

type Plugin struct {
	_ int
}

func (*Plugin) Lookup(symName string) (Symbol, error)

type Symbol any
