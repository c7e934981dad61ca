package checktest

import (
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"sync"
	"testing"
)

// profiles serves what an archive has below profiles/ as a running server would: profiles/1, profiles/2 and so on for each time
// that its goroutines are asked for, the last again and again; any other name is a page of that name. It is --pprof then.
type profiles struct {
	mu     sync.Mutex
	pages  map[string][]byte
	looked int
}

func (p *profiles) serve(t *testing.T) (url string) {
	web := httptest.NewServer(p)
	t.Cleanup(web.Close)
	return web.URL + "/debug/pprof/"
}

func (p *profiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.pages[path.Base(r.URL.Path)]
	if path.Base(r.URL.Path) == "goroutine" && !ok {
		if _, more := p.pages[strconv.Itoa(p.looked+1)]; more {
			p.looked++
		}
		page, ok = p.pages[strconv.Itoa(p.looked)]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Write(page)
}
