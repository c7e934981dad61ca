#!/bin/sh
# Plays the acceptance cases of the families delivered so far (scripts/acceptance.list) against the built binary, or those
# that ONLY names. The cases lie beside the repository and are not part of it: without them there is nothing to play.
set -eu
cases=${CASES:-../shared/cases}
if [ ! -f "$cases/run.py" ]; then
	echo "acceptance: skipped, there is no $cases here"
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo "acceptance: skipped, python3 is needed to play the cases"
	exit 0
fi
if [ -n "${ONLY:-}" ]; then
	exec python3 "$cases/run.py" --bin bin/gindoctor --only "$ONLY"
fi
cases=$(cd "$cases" && pwd)
selected=$(mktemp -d)
trap 'rm -rf "$selected"' EXIT
while read -r name; do
	case "$name" in '' | '#'*) continue ;; esac
	ln -s "$cases/$name" "$selected/$name"
done <scripts/acceptance.list
python3 "$cases/run.py" --bin bin/gindoctor --cases "$selected" --json "$selected/first.json" && exit 0

# A case of which the set-up failed says nothing about gindoctor (on a busy machine a real watcher may take too long to come
# up): it is played once more by itself. What failed, failed.
again=$(python3 - "$selected/first.json" <<'PY'
import json, sys
states = {r["case"]: r["state"] for r in json.load(open(sys.argv[1]))}
if "failed" not in states.values():
    print("\n".join(case for case, state in states.items() if state == "broken"))
PY
)
[ -n "$again" ] || exit 1
for name in $again; do
	echo "once more: $name"
	python3 "$cases/run.py" --bin bin/gindoctor --cases "$selected" --only "$name"
done
