package big

import (
	"fmt"
	"math/rand"
)

const Above Accuracy = 1

type Accuracy int8

func (Accuracy) String() string

const AwayFromZero RoundingMode = 3
const Below Accuracy = -1

type ErrNaN struct {
	_ int
}

func (ErrNaN) Error() string

const Exact Accuracy = 0

type Float struct {
	_ int
}

func (*Float) SetPrec(prec uint) *Float
func (*Float) SetMode(mode RoundingMode) *Float
func (*Float) Prec() uint
func (*Float) MinPrec() uint
func (*Float) Mode() RoundingMode
func (*Float) Acc() Accuracy
func (*Float) Sign() int
func (*Float) MantExp(mant *Float) (exp int)
func (*Float) SetMantExp(mant *Float, exp int) *Float
func (*Float) Signbit() bool
func (*Float) IsInf() bool
func (*Float) IsInt() bool
func (*Float) SetUint64(x uint64) *Float
func (*Float) SetInt64(x int64) *Float
func (*Float) SetFloat64(x float64) *Float
func (*Float) SetInt(x *Int) *Float
func (*Float) SetRat(x *Rat) *Float
func (*Float) SetInf(signbit bool) *Float
func (*Float) Set(x *Float) *Float
func (*Float) Copy(x *Float) *Float
func (*Float) Uint64() (uint64, Accuracy)
func (*Float) Int64() (int64, Accuracy)
func (*Float) Float32() (float32, Accuracy)
func (*Float) Float64() (float64, Accuracy)
func (*Float) Int(z *Int) (*Int, Accuracy)
func (*Float) Rat(z *Rat) (*Rat, Accuracy)
func (*Float) Abs(x *Float) *Float
func (*Float) Neg(x *Float) *Float
func (*Float) Add(x *Float, y *Float) *Float
func (*Float) Sub(x *Float, y *Float) *Float
func (*Float) Mul(x *Float, y *Float) *Float
func (*Float) Quo(x *Float, y *Float) *Float
func (*Float) Cmp(y *Float) int
func (*Float) SetString(s string) (*Float, bool)
func (*Float) Parse(s string, base int) (f *Float, b int, err error)
func (*Float) Scan(s fmt.ScanState, ch rune) error
func (*Float) GobEncode() ([]byte, error)
func (*Float) GobDecode(buf []byte) error
func (*Float) AppendText(b []byte) ([]byte, error)
func (*Float) MarshalText() (text []byte, err error)
func (*Float) UnmarshalText(text []byte) error
func (*Float) Text(format byte, prec int) string
func (*Float) String() string
func (*Float) Append(buf []byte, fmt byte, prec int) []byte
func (*Float) Format(s fmt.State, format rune)
func (*Float) Sqrt(x *Float) *Float

type Int struct {
	_ int
}

func (*Int) Sign() int
func (*Int) SetInt64(x int64) *Int
func (*Int) SetUint64(x uint64) *Int
func (*Int) Set(x *Int) *Int
func (*Int) Bits() []Word
func (*Int) SetBits(abs []Word) *Int
func (*Int) Abs(x *Int) *Int
func (*Int) Neg(x *Int) *Int
func (*Int) Add(x *Int, y *Int) *Int
func (*Int) Sub(x *Int, y *Int) *Int
func (*Int) Mul(x *Int, y *Int) *Int
func (*Int) MulRange(a int64, b int64) *Int
func (*Int) Binomial(n int64, k int64) *Int
func (*Int) Quo(x *Int, y *Int) *Int
func (*Int) Rem(x *Int, y *Int) *Int
func (*Int) QuoRem(x *Int, y *Int, r *Int) (*Int, *Int)
func (*Int) Div(x *Int, y *Int) *Int
func (*Int) Mod(x *Int, y *Int) *Int
func (*Int) DivMod(x *Int, y *Int, m *Int) (*Int, *Int)
func (*Int) Cmp(y *Int) (r int)
func (*Int) CmpAbs(y *Int) int
func (*Int) Int64() int64
func (*Int) Uint64() uint64
func (*Int) IsInt64() bool
func (*Int) IsUint64() bool
func (*Int) Float64() (float64, Accuracy)
func (*Int) SetString(s string, base int) (*Int, bool)
func (*Int) SetBytes(buf []byte) *Int
func (*Int) Bytes() []byte
func (*Int) FillBytes(buf []byte) []byte
func (*Int) BitLen() int
func (*Int) TrailingZeroBits() uint
func (*Int) Exp(x *Int, y *Int, m *Int) *Int
func (*Int) GCD(x *Int, y *Int, a *Int, b *Int) *Int
func (*Int) Rand(rnd *rand.Rand, n *Int) *Int
func (*Int) ModInverse(g *Int, n *Int) *Int
func (*Int) ModSqrt(x *Int, p *Int) *Int
func (*Int) Lsh(x *Int, n uint) *Int
func (*Int) Rsh(x *Int, n uint) *Int
func (*Int) Bit(i int) uint
func (*Int) SetBit(x *Int, i int, b uint) *Int
func (*Int) And(x *Int, y *Int) *Int
func (*Int) AndNot(x *Int, y *Int) *Int
func (*Int) Or(x *Int, y *Int) *Int
func (*Int) Xor(x *Int, y *Int) *Int
func (*Int) Not(x *Int) *Int
func (*Int) Sqrt(x *Int) *Int
func (*Int) Text(base int) string
func (*Int) Append(buf []byte, base int) []byte
func (*Int) String() string
func (*Int) Format(s fmt.State, ch rune)
func (*Int) Scan(s fmt.ScanState, ch rune) error
func (*Int) GobEncode() ([]byte, error)
func (*Int) GobDecode(buf []byte) error
func (*Int) AppendText(b []byte) (text []byte, err error)
func (*Int) MarshalText() (text []byte, err error)
func (*Int) UnmarshalText(text []byte) error
func (*Int) MarshalJSON() ([]byte, error)
func (*Int) UnmarshalJSON(text []byte) error
func (*Int) ProbablyPrime(n int) bool
func Jacobi(x *Int, y *Int) int

const MaxBase = 62
const MaxExp = 2147483647
const MaxPrec = 4294967295
const MinExp = -2147483648

func NewFloat(x float64) *Float
func NewInt(x int64) *Int
func NewRat(a int64, b int64) *Rat
func ParseFloat(s string, base int, prec uint, mode RoundingMode) (f *Float, b int, err error)

type Rat struct {
	_ int
}

func (*Rat) SetFloat64(f float64) *Rat
func (*Rat) Float32() (f float32, exact bool)
func (*Rat) Float64() (f float64, exact bool)
func (*Rat) SetFrac(a *Int, b *Int) *Rat
func (*Rat) SetFrac64(a int64, b int64) *Rat
func (*Rat) SetInt(x *Int) *Rat
func (*Rat) SetInt64(x int64) *Rat
func (*Rat) SetUint64(x uint64) *Rat
func (*Rat) Set(x *Rat) *Rat
func (*Rat) Abs(x *Rat) *Rat
func (*Rat) Neg(x *Rat) *Rat
func (*Rat) Inv(x *Rat) *Rat
func (*Rat) Sign() int
func (*Rat) IsInt() bool
func (*Rat) Num() *Int
func (*Rat) Denom() *Int
func (*Rat) Cmp(y *Rat) int
func (*Rat) Add(x *Rat, y *Rat) *Rat
func (*Rat) Sub(x *Rat, y *Rat) *Rat
func (*Rat) Mul(x *Rat, y *Rat) *Rat
func (*Rat) Quo(x *Rat, y *Rat) *Rat
func (*Rat) Scan(s fmt.ScanState, ch rune) error
func (*Rat) SetString(s string) (*Rat, bool)
func (*Rat) String() string
func (*Rat) RatString() string
func (*Rat) FloatString(prec int) string
func (*Rat) FloatPrec() (n int, exact bool)
func (*Rat) GobEncode() ([]byte, error)
func (*Rat) GobDecode(buf []byte) error
func (*Rat) AppendText(b []byte) ([]byte, error)
func (*Rat) MarshalText() (text []byte, err error)
func (*Rat) UnmarshalText(text []byte) error

type RoundingMode byte

func (RoundingMode) String() string

const ToNearestAway RoundingMode = 1
const ToNearestEven RoundingMode = 0
const ToNegativeInf RoundingMode = 4
const ToPositiveInf RoundingMode = 5
const ToZero RoundingMode = 2

type Word uint
