import { datadogDashboard } from "./datadog-dashboard.ts";
import { datadogMonitors } from "./datadog-monitors.ts";
import { grafanaDashboard } from "./grafana-dashboard.ts";
import { metricDescriptions } from "./metric-descriptions.ts";

/** Returns the files that people import, by name. In a .jsonl each line is a request of import.sh. */
export function importFiles(): Record<string, string> {
  return {
    "datadog-dashboard.json": `${JSON.stringify(datadogDashboard(), null, 2)}\n`,
    "datadog-monitors.jsonl": lines(datadogMonitors()),
    "datadog-metrics.jsonl": lines(metricDescriptions()),
    "grafana-dashboard.json": `${JSON.stringify(grafanaDashboard(), null, 2)}\n`,
  };
}

function lines(requests: readonly object[]): string {
  return requests.map((request) => `${JSON.stringify(request)}\n`).join("");
}
