#!/usr/bin/env bash
# Speed, memory and bytes, each figure beside a bare equivalent measured in the same run. Prints a table and then JSON.
# BENCH_RECORDS (1000000) and BENCH_IDLE_SECONDS (180) make it shorter. Takes some 8 minutes on 2 cores.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh redis-server
PATH="$PWD/node_modules/.bin:$PATH"
bun run build.ts >&2
exec bun scripts/bench/main.ts "$@"
