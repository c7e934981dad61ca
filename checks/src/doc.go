// Package src checks the Go code of Gin services, one file per check. Most checks are rules: analyzers that look at one package at
// a time (rule.go), so that go vet and golangci-lint can run them too.
package src
