#!/usr/bin/env bash
# Runs the executable for some minutes (10) as three devices at once: plugins, DogStatsD and an application that writes records, on both
# storages, with outages, kill -9, restarts and a Redis that crashes. Prints every minute what each takes, and at the end whether
# every total is exact and nothing grew; exits with 1 otherwise. CHOUETTE_SEED repeats the same events.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh redis-server
PATH="$PWD/node_modules/.bin:$PATH"
bun run build.ts >&2
exec bun test/soak/main.ts "$@"
