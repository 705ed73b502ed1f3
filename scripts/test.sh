#!/usr/bin/env bash
# Every test of the project, on real servers: sets up what is missing, checks types and style, builds, and runs the tests.
# Arguments go to the test runner, which then runs nothing else: scripts/test.sh test/aggregate
# Real container engines and control groups (test/rigs) need root and are left out without it.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh redis-server victoria-metrics openssl
PATH="$PWD/node_modules/.bin:$PATH"

tsc --noEmit -p .
biome check .
bun run build.ts

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
run() { bun test --timeout=20000 "$@" 2>&1 | tee -a "$output" | grep -v '^(pass)' || status=1; }

if [ $# -gt 0 ]; then
  run "$@"
else
  run
  if [ "$(id -u)" = 0 ]; then
    scripts/setup.sh dockerd=docker.io podman runc busybox=busybox-static
    scripts/setup.sh qemu-aarch64-static=qemu-user-static mmdebstrap systemd-nspawn=systemd-container
    run ./test/rigs/*.rig.ts
  else
    echo "test/rigs is left out: it needs root (sudo $0)"
  fi
fi

# The runner's totals once more, added up, in a line that other programs know.
total() { awk -v word="$1" '$2 == word && NF == 2 { sum += $1 } END { print sum + 0 }' "$output"; }
echo "$(total pass) passed, $(total fail) failed"
exit "$status"
