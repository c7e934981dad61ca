package cookie

import (
	"github.com/gin-contrib/sessions"
)

func NewStore(keyPairs ...[]byte) Store

type Store interface{ sessions.Store }
