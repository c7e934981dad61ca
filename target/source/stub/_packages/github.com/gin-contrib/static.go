package static

import (
	"embed"
	"github.com/gin-gonic/gin"
	"net/http"
)

func EmbedFolder(fsEmbed embed.FS, targetPath string) ServeFileSystem

const INDEX = "index.html"

func LocalFile(root string, indexes bool) *localFileSystem
func Serve(urlPrefix string, fs ServeFileSystem) gin.HandlerFunc

type ServeFileSystem interface {
	Exists(prefix string, path string) bool
	http.FileSystem
}

func ServeRoot(urlPrefix string, root string) gin.HandlerFunc

type localFileSystem struct {
	http.FileSystem
	_ int
}

func (*localFileSystem) Exists(prefix string, filepath string) bool
