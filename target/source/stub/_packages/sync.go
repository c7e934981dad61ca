package sync

type Cond struct {
	L Locker
	_ int
}

func (*Cond) Wait()
func (*Cond) Signal()
func (*Cond) Broadcast()

type Locker interface {
	Lock()
	Unlock()
}
type Map struct {
	_ int
}

func (*Map) Load(key any) (value any, ok bool)
func (*Map) Store(key any, value any)
func (*Map) Clear()
func (*Map) LoadOrStore(key any, value any) (actual any, loaded bool)
func (*Map) LoadAndDelete(key any) (value any, loaded bool)
func (*Map) Delete(key any)
func (*Map) Swap(key any, value any) (previous any, loaded bool)
func (*Map) CompareAndSwap(key any, old any, new any) (swapped bool)
func (*Map) CompareAndDelete(key any, old any) (deleted bool)
func (*Map) Range(f func(key any, value any) bool)

type Mutex struct {
	_ int
}

func (*Mutex) Lock()
func (*Mutex) TryLock() bool
func (*Mutex) Unlock()
func NewCond(l Locker) *Cond

type Once struct {
	_ int
}

func (*Once) Do(f func())
func OnceFunc(f func()) func()
func OnceValue[T any](f func() T) func() T                     { panic(0) }
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) { panic(0) }

type Pool struct {
	New func() any
	_   int
}

func (*Pool) Put(x any)
func (*Pool) Get() any

type RWMutex struct {
	_ int
}

func (*RWMutex) RLock()
func (*RWMutex) TryRLock() bool
func (*RWMutex) RUnlock()
func (*RWMutex) Lock()
func (*RWMutex) TryLock() bool
func (*RWMutex) Unlock()
func (*RWMutex) RLocker() Locker

type WaitGroup struct {
	_ int
}

func (*WaitGroup) Add(delta int)
func (*WaitGroup) Done()
func (*WaitGroup) Wait()
func (*WaitGroup) Go(f func())
