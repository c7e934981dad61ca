package expvar

import (
	"net/http"
)

func Do(f func(KeyValue))

type Float struct {
	_ int
}

func (*Float) Value() float64
func (*Float) String() string
func (*Float) Add(delta float64)
func (*Float) Set(value float64)

type Func func() any

func (Func) Value() any
func (Func) String() string
func Get(name string) Var
func Handler() http.Handler

type Int struct {
	_ int
}

func (*Int) Value() int64
func (*Int) String() string
func (*Int) Add(delta int64)
func (*Int) Set(value int64)

type KeyValue struct {
	Key   string
	Value Var
}
type Map struct {
	_ int
}

func (*Map) String() string
func (*Map) Init() *Map
func (*Map) Get(key string) Var
func (*Map) Set(key string, av Var)
func (*Map) Add(key string, delta int64)
func (*Map) AddFloat(key string, delta float64)
func (*Map) Delete(key string)
func (*Map) Do(f func(KeyValue))
func NewFloat(name string) *Float
func NewInt(name string) *Int
func NewMap(name string) *Map
func NewString(name string) *String
func Publish(name string, v Var)

type String struct {
	_ int
}

func (*String) Value() string
func (*String) String() string
func (*String) Set(value string)

type Var interface{ String() string }
