package godotenv

import (
	"io"
)

func Exec(filenames []string, cmd string, cmdArgs []string, overload bool) error
func Load(filenames ...string) (err error)
func Marshal(envMap map[string]string) (string, error)
func Overload(filenames ...string) (err error)
func Parse(r io.Reader) (map[string]string, error)
func Read(filenames ...string) (envMap map[string]string, err error)
func Unmarshal(str string) (envMap map[string]string, err error)
func UnmarshalBytes(src []byte) (map[string]string, error)
func Write(envMap map[string]string, filename string) error
