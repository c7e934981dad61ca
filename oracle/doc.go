// Package oracle breaks real modules in many ways and compares what mod/* finds with what the go command says of them. It is
// all test, under the build tag "oracle": `make oracle` runs the whole of it, with ORACLE_SAMPLE=1 a fixed part.
//
// The first run needs the module proxy; what was downloaded stays in the module cache.
package oracle
