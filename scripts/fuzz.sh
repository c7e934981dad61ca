#!/bin/sh
# Runs every fuzz target of the tree for a short time each: go test takes only one target of one package at a time.
set -eu
for package in $("${GO:-go}" list ./...); do
	for target in $("${GO:-go}" test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "fuzz $package $target"
		"${GO:-go}" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-5s}" -fuzzminimizetime 10x "$package" >/tmp/gindoctor-fuzz.$$ 2>&1 || {
			cat /tmp/gindoctor-fuzz.$$
			rm -f /tmp/gindoctor-fuzz.$$
			exit 1
		}
		rm -f /tmp/gindoctor-fuzz.$$
	done
done
