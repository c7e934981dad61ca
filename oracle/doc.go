// Package oracle compares what we say with what the real tools say, on many inputs that are made up.
//
// It breaks real modules in many ways and compares what mod/* finds with what the go command says of them; and it makes sets of
// routes that nearly clash and compares what target/engine/tree says of them with what the real gin does, release by release.
//
// It is all test, under the build tag "oracle": `make oracle` runs the whole of it, with ORACLE_SAMPLE=1 a fixed part. The first
// run needs the module proxy; what was downloaded stays in the module cache.
package oracle
