#!/usr/bin/env bash
# From a fresh checkout to real points of this machine: installs, builds, and runs the agent on its embedded storage for some
# seconds, with a local intake that prints what arrives. Leaves only node_modules and dist behind.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
PATH="$PWD/node_modules/.bin:$PATH"

echo "== building"
bun run build.ts
chouette=$(ls -t dist/chouette-linux-* | head -n 1)

work=$(mktemp -d)
trap 'kill "${intake:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

echo "== the plugins that work on this machine"
"$chouette" test-plugins host

echo "== running the agent for 12 seconds: captures every 3 s, sends every 5 s"
mkfifo "$work/port"
bun scripts/demo-intake.ts >"$work/port" &
intake=$!
exec 3<"$work/port"
read -r port <&3
cat <&3 &
API_KEY=quickstart DATADOG_URL="http://127.0.0.1:$port/api" DATADOG_LOGS_URL="http://127.0.0.1:$port" \
  CHOUETTE_STATE_DIR="$work/state" COLLECT_PLUGINS=host CAPTURE_INTERVAL=3 AGGREGATE_INTERVAL=2 RELEASE_INTERVAL=5 \
  timeout --preserve-status 12 "$chouette" run

echo "== its queues afterwards"
CHOUETTE_STATE_DIR="$work/state" "$chouette" inspect-queue
echo
echo "Chouette works here. With a Datadog API key: API_KEY=... COLLECT_PLUGINS=host $chouette run"
