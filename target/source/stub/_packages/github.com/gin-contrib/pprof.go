package pprof

import (
	"github.com/gin-gonic/gin"
)

const DefaultPrefix = "/debug/pprof"

func Register(r gin.IRouter, prefixOptions ...string)
func RouteRegister(rg gin.IRouter, prefixOptions ...string)
