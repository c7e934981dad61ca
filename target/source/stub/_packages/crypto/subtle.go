package subtle

func ConstantTimeByteEq(x uint8, y uint8) int
func ConstantTimeCompare(x []byte, y []byte) int
func ConstantTimeCopy(v int, x []byte, y []byte)
func ConstantTimeEq(x int32, y int32) int
func ConstantTimeLessOrEq(x int, y int) int
func ConstantTimeSelect(v int, x int, y int) int
func WithDataIndependentTiming(f func())
func XORBytes(dst []byte, x []byte, y []byte) int
