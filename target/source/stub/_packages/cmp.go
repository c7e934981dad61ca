package cmp

func Compare[T Ordered](x T, y T) int { panic(0) }
func Less[T Ordered](x T, y T) bool   { panic(0) }
func Or[T comparable](vals ...T) T    { panic(0) }

type Ordered interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64 | ~string
}
