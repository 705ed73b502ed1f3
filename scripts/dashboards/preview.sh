#!/usr/bin/env bash
# Draws scripts/dashboards/preview.svg again: runs the agent on captured devices for 40 seconds, with VictoriaMetrics as Datadog,
# and draws what the queries of the dashboard return. An argument names another file.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/setup.sh victoria-metrics
PATH="$PWD/node_modules/.bin:$PATH"
bun scripts/dashboards/preview.ts "${1:-scripts/dashboards/preview.svg}"
