#!/bin/sh
# Runs every fuzz target of the tree for a short time each: go test takes only one target of one package at a time.
#
# FUZZTIME is best given as a number of inputs (2000x): up to Go 1.26 a run that ends by the clock fails now and then with a bare
# "context deadline exceeded" and no failing input (golang/go#75804).
set -eu
go=${GO:-go}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
root=$(pwd)

"$go" list -f '{{.Dir}}{{"\t"}}{{.ImportPath}}' ./... | while IFS="$(printf '\t')" read -r dir package; do
	targets=$(cat "$dir"/*_test.go 2>/dev/null | sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing\.F).*/\1/p')
	[ -n "$targets" ] || continue
	"$go" test -c -fuzz . -o "$out/fuzz" "$package"
	for target in $targets; do
		echo "fuzz ${dir#"$root"/} $target"
		(cd "$dir" && "$out/fuzz" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "${FUZZTIME:-5000x}" \
			-test.fuzzminimizetime 10x -test.fuzzcachedir "$out/corpus/$target" -test.timeout 5m) >"$out/log" 2>&1 || {
			cat "$out/log"
			exit 1
		}
	done
done
