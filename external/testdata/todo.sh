#!/bin/sh
# An external check in shell: Go files that hold a TODO. It runs in the root and needs nothing of the question.
printf '{"findings": ['
comma=
grep -rn --include='*.go' 'TODO' . | sed 's|^\./||' | while IFS=: read -r file line _; do
	printf '%s{"message": "%s holds a TODO", "severity": "info", "location": {"file": "%s", "line": %s}}' "$comma" "$file" "$file" "$line"
	comma=,
done
printf ']}\n'
