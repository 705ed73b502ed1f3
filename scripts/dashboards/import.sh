#!/usr/bin/env bash
# Creates the dashboard "Chouette: devices" and its monitors in your Datadog organisation, and describes Chouette's metrics there:
# DD_API_KEY=… DD_APP_KEY=… DD_SITE=datadoghq.eu scripts/dashboards/import.sh
# What has the same name already is left alone. Needs curl.
set -euo pipefail
cd "$(dirname "$0")"
: "${DD_API_KEY:?an API key of the organisation}"
: "${DD_APP_KEY:?an application key with dashboards_write, monitors_write and metrics_metadata_write}"
api=${DD_API_URL:-https://api.${DD_SITE:-datadoghq.com}}/api/v1

# METHOD PATH [BODY]: a request as curl's configuration has it. The keys go through a pipe, since a process list shows arguments.
request() {
  printf 'request = "%s"\nurl = "%s/%s"\n' "$1" "$api" "$2"
  printf 'header = "DD-API-KEY: %s"\nheader = "DD-APPLICATION-KEY: %s"\n' "$DD_API_KEY" "$DD_APP_KEY"
  if [ $# -gt 2 ]; then
    local body=${3//\\/\\\\}
    body=${body//$'\n'/ }
    printf 'header = "content-type: application/json"\ndata-binary = "%s"\n' "${body//\"/\\\"}"
  fi
}

# The same, and prints the answer.
ask() {
  request "$@" | curl --silent --show-error --fail-with-body --max-time 30 --config - || {
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
    ask POST "$2" "$4" >/dev/null
    echo "$1 created: $3"
  fi
}

existing=$(ask GET dashboard)
create dashboard dashboard "Chouette: devices" "$(<datadog-dashboard.json)" "$existing"

existing=$(ask GET 'monitor?monitor_tags=chouette')
while IFS= read -r monitor; do
  name=${monitor#'{"name":"'}
  create monitor monitor "${name%%'"'*}" "$monitor" "$existing"
done <datadog-monitors.jsonl

# All in one run of curl, over one connection.
descriptions() {
  local next=''
  while IFS= read -r description; do
    local metric=${description#'{"metric":"'}
    echo "$next"
    request PUT "metrics/${metric%%'"'*}" "{${metric#*'",'}"
    printf 'output = "/dev/null"\nwrite-out = "%%{http_code}\\n"\nmax-time = 30\n'
    next=next
  done <datadog-metrics.jsonl
}
described=$(descriptions | curl --silent --show-error --config - | grep -c '^2') || true
# Datadog knows a metric once it has arrived from a device.
echo "metrics described: $described of $(wc -l <datadog-metrics.jsonl); run this again when more plugins are on"
