package gzip

import (
	"github.com/gin-gonic/gin"
	"regexp"
)

const BestCompression = 9
const BestSpeed = 1
const DefaultCompression = -1

func DefaultDecompressHandle(c *gin.Context)

var DefaultExcludedExtentions ExcludedExtensions
var ErrUnsupportedContentEncoding error

type ExcludedExtensions map[string]struct{}

func (ExcludedExtensions) Contains(target string) bool

type ExcludedPathesRegexs []*regexp.Regexp

func (ExcludedPathesRegexs) Contains(requestURI string) bool

type ExcludedPaths []string

func (ExcludedPaths) Contains(requestURI string) bool
func Gzip(level int, options ...Option) gin.HandlerFunc

const HuffmanOnly = -2

func NewExcludedExtensions(extensions []string) ExcludedExtensions
func NewExcludedPathesRegexs(regexs []string) ExcludedPathesRegexs
func NewExcludedPaths(paths []string) ExcludedPaths

const NoCompression = 0

type Option interface{ apply(*config) }

func WithCustomShouldCompressFn(fn func(c *gin.Context) bool) Option
func WithDecompressFn(decompressFn func(c *gin.Context)) Option
func WithDecompressOnly() Option
func WithExcludedExtensions(args []string) Option
func WithExcludedPaths(args []string) Option
func WithExcludedPathsRegexs(args []string) Option

type config struct {
	_ int
}
