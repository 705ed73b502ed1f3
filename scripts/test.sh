#!/usr/bin/env bash
# Every test of the project, on real servers: sets up what is missing, checks types and style, builds, and runs the tests.
# Arguments go to the test runner: scripts/test.sh test/aggregate
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
bun test "$@" 2>&1 | tee "$output" | grep -v '^(pass)' || status=$?

# The runner's totals once more, in a line that other programs know.
total() { sed -n "s/^ *\([0-9][0-9]*\) $1\$/\1/p" "$output" | tail -n 1; }
echo "$(total pass) passed, $(n=$(total fail); echo "${n:-0}") failed"
exit "$status"
