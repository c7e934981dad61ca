package host

import (
	"os/user"
	"strconv"
	"sync"
)

var userNames sync.Map // of uid to name

// userName is the name of a user, or the number where it has none.
func userName(uid int) string {
	if name, ok := userNames.Load(uid); ok {
		return name.(string)
	}
	number := strconv.Itoa(uid)
	name := number
	if u, err := user.LookupId(number); err == nil {
		name = u.Username
	}
	userNames.Store(uid, name)
	return name
}
