#!/usr/bin/env bash
# Creates the dashboard "Chouette: devices" and its monitors in your Datadog organisation, and describes Chouette's metrics there:
# DD_API_KEY=… DD_APP_KEY=… DD_SITE=datadoghq.eu scripts/dashboards/import.sh
# What has the same name already is left alone. Needs curl.
set -euo pipefail
cd "$(dirname "$0")"
: "${DD_API_KEY:?an API key of the organisation}"
: "${DD_APP_KEY:?an application key with dashboards_write, monitors_write and metrics_metadata_write}"
api=${DD_API_URL:-https://api.${DD_SITE:-datadoghq.com}}/api/v1

# METHOD PATH [BODY]: prints the answer. The keys go through a pipe, since a process list shows arguments.
request() {
  local body=()
  if [ $# -gt 2 ]; then body=(--data-binary "$3" --header "content-type: application/json"); fi
  printf 'header = "DD-API-KEY: %s"\nheader = "DD-APPLICATION-KEY: %s"\n' "$DD_API_KEY" "$DD_APP_KEY" |
    curl --silent --show-error --fail-with-body --max-time 30 --config - --request "$1" "${body[@]}" "$api/$2" || {
    echo >&2
    echo "import.sh: $1 $api/$2 was refused. Check DD_SITE and the permissions of DD_APP_KEY, then run this again." >&2
    return 1
  }
}

# KIND PATH NAME BODY EXISTING: creates it, unless the list of existing ones has that name.
create() {
  if grep -qF "$3" <<<"$5"; then
    echo "$1 exists: $3"
  else
    request POST "$2" "$4" >/dev/null
    echo "$1 created: $3"
  fi
}

existing=$(request GET dashboard)
create dashboard dashboard "Chouette: devices" "$(<datadog-dashboard.json)" "$existing"

existing=$(request GET 'monitor?monitor_tags=chouette')
while IFS= read -r monitor; do
  name=${monitor#'{"name":"'}
  create monitor monitor "${name%%'"'*}" "$monitor" "$existing"
done <datadog-monitors.jsonl

described=0
while IFS= read -r description; do
  metric=${description#'{"metric":"'}
  rest=${metric#*'",'}
  # Datadog knows a metric once it has arrived from a device: the others are described by a later run.
  if request PUT "metrics/${metric%%'"'*}" "{$rest" >/dev/null 2>&1; then described=$((described + 1)); fi
done <datadog-metrics.jsonl
echo "metrics described: $described of $(wc -l <datadog-metrics.jsonl); run this again when more plugins are on"
