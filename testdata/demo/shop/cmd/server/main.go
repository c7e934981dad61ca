// The shop's server.
package main

import (
	"log"
	"os"

	"github.com/gin-gonic/gin"

	"example.org/shop/internal/cart"
)

func main() {
	port := os.Getenv("SHOP_PORT")
	if port == "" {
		port = "8080"
	}
	r := gin.Default()
	cart.Register(r.Group("/cart"))
	log.Fatal(r.Run("127.0.0.1:" + port))
}
