#!/usr/bin/env bash
# The plugin docker on a real Docker Engine and a real Podman, each started for it on a socket and folder of its own; needs root.
# Installs what is missing (Debian packages), leaves nothing running. Prints what failed, and `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "container engines need root: sudo $0" >&2; exit 1; }
scripts/setup.sh podman runc
packages=
command -v dockerd >/dev/null || packages="$packages docker.io"
command -v /bin/busybox >/dev/null || packages="$packages busybox-static"
if [ -n "$packages" ]; then
  echo "installing$packages" >&2
  apt-get update -qq >&2
  # In runlevel 1 the packages do not start their servers as services.
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $packages >&2
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
node_modules/.bin/bun test ./test/rigs/docker-engine.rig.ts 2>&1 | tee "$output" | grep -v '^(pass)' || status=$?
total() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$output" | tail -n 1; }
echo "$(n=$(total pass); echo "${n:-0}") passed, $(n=$(total fail); echo "${n:-0}") failed"
exit "$status"
