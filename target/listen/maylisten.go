package listen

import (
	"go/ast"
	"sync"
)

// listenNames are the functions and methods that listen, or serve a listener, by name alone.
var listenNames = map[string]bool{
	"Run": true, "RunTLS": true, "RunListener": true, "RunFd": true, "RunWithManager": true,
	"ListenAndServe": true, "ListenAndServeTLS": true, "Listen": true, "ListenTCP": true, "Serve": true, "ServeTLS": true,
}

// findListening collects the names of the functions from which a listening call may be reached: a coarse rule that only
// spares us the walk through what certainly does not listen, such as request handlers.
func (p *program) findListening() {
	p.listenBy = map[string]bool{}
	for n := range listenNames {
		p.listenBy[n] = true
	}
	type fn struct {
		name     string
		mentions map[string]bool
	}
	var all []fn
	reached := p.reached()
	var wg sync.WaitGroup
	for _, pk := range reached {
		wg.Go(pk.load)
	}
	wg.Wait()
	for _, pk := range reached {
		for name, f := range pk.funcs {
			all = append(all, fn{name, mentioned(f.body)})
		}
		for _, methods := range pk.method {
			for name, f := range methods {
				all = append(all, fn{name, mentioned(f.body)})
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, f := range all {
			if !p.listenBy[f.name] && p.mentionsListening(f.mentions) {
				p.listenBy[f.name], changed = true, true
			}
		}
	}
}

// mentioned lists the names that a body calls or hands on.
func mentioned(body ast.Node) map[string]bool {
	names := map[string]bool{}
	if body == nil || body == (*ast.BlockStmt)(nil) {
		return names
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			names[n.Sel.Name] = true
		case *ast.Ident:
			names[n.Name] = true
		}
		return true
	})
	return names
}

func (p *program) mentionsListening(names map[string]bool) bool {
	for n := range names {
		if p.listenBy[n] {
			return true
		}
	}
	return false
}

func (p *program) mayListen(fn *closure) bool {
	return fn.pkg.listens && p.nodeMayListen(fn.body)
}

func (p *program) nodeMayListen(n ast.Node) bool {
	may, known := p.may[n]
	if !known {
		may = p.mentionsListening(mentioned(n))
		p.may[n] = may
	}
	return may
}
