package md5

import (
	"hash"
)

const BlockSize = 64

func New() hash.Hash

const Size = 16

func Sum(data []byte) [16]byte
