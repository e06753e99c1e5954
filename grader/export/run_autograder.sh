#!/bin/bash
# Gradescope runs this for every hand-in. It always leaves a valid results.json: first one that says that grading did not
# finish, then, in one step, the real one. Nothing of the submission is on the path, imported or the working directory.
# Usage: run_autograder [ROOT [PYTHON]]
set -u
root=${1:-/autograder}
python=${2:-$root/venv/bin/python}
cd / || exit 1

put() {
	[ -s "$1" ] && cp -- "$1" "$root/results/.results.json.part" && mv -f -- "$root/results/.results.json.part" "$root/results/results.json"
}

grader() {
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$work" LANG=C.UTF-8 "$python" -I -m grader "$@"
}

mkdir -p -- "$root/results"
put "$root/source/unfinished.json" || exit 1
work=$(mktemp -d) || exit 0
trap 'rm -rf -- "$work"' EXIT

grader grade "$root/source/course/"@ASSIGNMENT@ "$root/submission" --seed @SEED@ --out "$work/grades" --json >/dev/null
grader export gradescope "$work/grades" --course "$root/source/course" --out "$work/results" &&
	put "$work/results/submission.json" ||
	echo "run_autograder: grading did not finish; results.json says so and gives no score" >&2
exit 0
