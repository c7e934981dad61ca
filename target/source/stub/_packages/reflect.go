package reflect

import (
	"iter"
	"unsafe"
)

func Append(s Value, x ...Value) Value
func AppendSlice(s Value, t Value) Value

const Array Kind = 17

func ArrayOf(length int, elem Type) Type

const Bool Kind = 1
const BothDir ChanDir = 3
const Chan Kind = 18

type ChanDir int

func (ChanDir) String() string
func ChanOf(dir ChanDir, t Type) Type

const Complex128 Kind = 16
const Complex64 Kind = 15

func Copy(dst Value, src Value) int
func DeepEqual(x any, y any) bool

const Float32 Kind = 13
const Float64 Kind = 14
const Func Kind = 19

func FuncOf(in []Type, out []Type, variadic bool) Type
func Indirect(v Value) Value

const Int Kind = 2
const Int16 Kind = 4
const Int32 Kind = 5
const Int64 Kind = 6
const Int8 Kind = 3
const Interface Kind = 20
const Invalid Kind = 0

type Kind uint

func (Kind) String() string
func MakeChan(typ Type, buffer int) Value
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value
func MakeMap(typ Type) Value
func MakeMapWithSize(typ Type, n int) Value
func MakeSlice(typ Type, len int, cap int) Value

const Map Kind = 21

type MapIter struct {
	_ int
}

func (*MapIter) Key() Value
func (*MapIter) Value() Value
func (*MapIter) Next() bool
func (*MapIter) Reset(v Value)
func MapOf(key Type, elem Type) Type

type Method struct {
	Name    string
	PkgPath string
	Type    Type
	Func    Value
	Index   int
}

func (Method) IsExported() bool
func New(typ Type) Value
func NewAt(typ Type, p unsafe.Pointer) Value

const Pointer Kind = 22

func PointerTo(t Type) Type

const Ptr Kind = 22

func PtrTo(t Type) Type

const RecvDir ChanDir = 1

func Select(cases []SelectCase) (chosen int, recv Value, recvOK bool)

type SelectCase struct {
	Dir  SelectDir
	Chan Value
	Send Value
}

const SelectDefault SelectDir = 3

type SelectDir int

const SelectRecv SelectDir = 2
const SelectSend SelectDir = 1
const SendDir ChanDir = 2
const Slice Kind = 23

func SliceAt(typ Type, p unsafe.Pointer, n int) Value

type SliceHeader struct {
	Data uintptr
	Len  int
	Cap  int
}

func SliceOf(t Type) Type

const String Kind = 24

type StringHeader struct {
	Data uintptr
	Len  int
}

const Struct Kind = 25

type StructField struct {
	Name      string
	PkgPath   string
	Type      Type
	Tag       StructTag
	Offset    uintptr
	Index     []int
	Anonymous bool
}

func (StructField) IsExported() bool
func StructOf(fields []StructField) Type

type StructTag string

func (StructTag) Get(key string) string
func (StructTag) Lookup(key string) (value string, ok bool)
func Swapper(slice any) func(i int, j int)

type Type interface {
	Align() int
	AssignableTo(u Type) bool
	Bits() int
	CanSeq() bool
	CanSeq2() bool
	ChanDir() ChanDir
	Comparable() bool
	ConvertibleTo(u Type) bool
	Elem() Type
	Field(i int) StructField
	FieldAlign() int
	FieldByIndex(index []int) StructField
	FieldByName(name string) (StructField, bool)
	FieldByNameFunc(match func(string) bool) (StructField, bool)
	Fields() iter.Seq[StructField]
	Implements(u Type) bool
	In(i int) Type
	Ins() iter.Seq[Type]
	IsVariadic() bool
	Key() Type
	Kind() Kind
	Len() int
	Method(int) Method
	MethodByName(string) (Method, bool)
	Methods() iter.Seq[Method]
	Name() string
	NumField() int
	NumIn() int
	NumMethod() int
	NumOut() int
	Out(i int) Type
	Outs() iter.Seq[Type]
	OverflowComplex(x complex128) bool
	OverflowFloat(x float64) bool
	OverflowInt(x int64) bool
	OverflowUint(x uint64) bool
	PkgPath() string
	Size() uintptr
	String() string
	common() any
	uncommon() *uncommonType
}

func TypeAssert[T any](v Value) (T, bool) { panic(0) }
func TypeFor[T any]() Type                { panic(0) }
func TypeOf(i any) Type

const Uint Kind = 7
const Uint16 Kind = 9
const Uint32 Kind = 10
const Uint64 Kind = 11
const Uint8 Kind = 8
const Uintptr Kind = 12
const UnsafePointer Kind = 26

type Value struct {
	flag
	_ int
}

func (Value) Seq() iter.Seq[Value]
func (Value) Seq2() iter.Seq2[Value, Value]
func (Value) MapIndex(key Value) Value
func (Value) MapKeys() []Value
func (Value) SetIterKey(iter *MapIter)
func (Value) SetIterValue(iter *MapIter)
func (Value) MapRange() *MapIter
func (Value) SetMapIndex(key Value, elem Value)
func (Value) Addr() Value
func (Value) Bool() bool
func (Value) Bytes() []byte
func (Value) CanAddr() bool
func (Value) CanSet() bool
func (Value) Call(in []Value) []Value
func (Value) CallSlice(in []Value) []Value
func (Value) Cap() int
func (Value) Close()
func (Value) CanComplex() bool
func (Value) Complex() complex128
func (Value) Elem() Value
func (Value) Field(i int) Value
func (Value) FieldByIndex(index []int) Value
func (Value) FieldByIndexErr(index []int) (Value, error)
func (Value) FieldByName(name string) Value
func (Value) FieldByNameFunc(match func(string) bool) Value
func (Value) CanFloat() bool
func (Value) Float() float64
func (Value) Index(i int) Value
func (Value) CanInt() bool
func (Value) Int() int64
func (Value) CanInterface() bool
func (Value) Interface() (i any)
func (Value) InterfaceData() [2]uintptr
func (Value) IsNil() bool
func (Value) IsValid() bool
func (Value) IsZero() bool
func (Value) SetZero()
func (Value) Kind() Kind
func (Value) Len() int
func (Value) Method(i int) Value
func (Value) NumMethod() int
func (Value) MethodByName(name string) Value
func (Value) NumField() int
func (Value) OverflowComplex(x complex128) bool
func (Value) OverflowFloat(x float64) bool
func (Value) OverflowInt(x int64) bool
func (Value) OverflowUint(x uint64) bool
func (Value) Pointer() uintptr
func (Value) Recv() (x Value, ok bool)
func (Value) Send(x Value)
func (Value) Set(x Value)
func (Value) SetBool(x bool)
func (Value) SetBytes(x []byte)
func (Value) SetComplex(x complex128)
func (Value) SetFloat(x float64)
func (Value) SetInt(x int64)
func (Value) SetLen(n int)
func (Value) SetCap(n int)
func (Value) SetUint(x uint64)
func (Value) SetPointer(x unsafe.Pointer)
func (Value) SetString(x string)
func (Value) Slice(i int, j int) Value
func (Value) Slice3(i int, j int, k int) Value
func (Value) String() string
func (Value) TryRecv() (x Value, ok bool)
func (Value) TrySend(x Value) bool
func (Value) Type() Type
func (Value) CanUint() bool
func (Value) Uint() uint64
func (Value) UnsafeAddr() uintptr
func (Value) UnsafePointer() unsafe.Pointer
func (Value) Fields() iter.Seq2[StructField, Value]
func (Value) Methods() iter.Seq2[Method, Value]
func (Value) Grow(n int)
func (Value) Clear()
func (Value) Convert(t Type) Value
func (Value) CanConvert(t Type) bool
func (Value) Comparable() (_ bool)
func (Value) Equal(u Value) bool

type ValueError struct {
	Method string
	Kind   Kind
}

func (*ValueError) Error() string
func ValueOf(i any) Value
func VisibleFields(t Type) []StructField
func Zero(typ Type) Value

type uncommonType = any
type flag uintptr
