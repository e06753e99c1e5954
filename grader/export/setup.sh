#!/bin/bash
# Gradescope runs this once, as root on Ubuntu, to build the image that hand-ins are graded in.
# Usage: setup.sh [ROOT]
set -euo pipefail
root=${1:-/autograder}
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install --yes --no-install-recommends bubblewrap ca-certificates
python=""
for version in 3.13 3.12 3.11; do
	if apt-get install --yes --no-install-recommends "python$version" "python$version-venv"; then
		python="python$version"
		break
	fi
done
if [ -z "$python" ]; then
	echo "setup.sh: no Python 3.11 to 3.13 here; choose Ubuntu 22.04 or 24.04 as the base image" >&2
	exit 1
fi

"$python" -m venv "$root/venv"
pip=("$root/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir)
"${pip[@]}" @INDEX@ "@TORCH@"
"${pip[@]}" "$root/source@EXTRAS@"
chmod -R go-rwx "$root/source"

cd /
"$root/venv/bin/python" -I -m grader doctor || echo "setup.sh: nothing here contains hostile code; see above" >&2
