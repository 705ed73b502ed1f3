import { expect, test } from "bun:test";
import { issuesOf, load } from "./load.ts";

test("plugins: names, modules and commands, each once", () => {
  const chosen = [
    { type: "built-in", name: "host" },
    { type: "module", path: "./my/wifi.ts" },
    { type: "exec", command: "/usr/bin/speed --once" },
    { type: "built-in", name: "k8s" },
  ];
  const items = ["host", "./my/wifi.ts", "exec: /usr/bin/speed --once", "K8s", "host"];
  expect(load({ COLLECT_PLUGINS: JSON.stringify(items) }).plugins.chosen).toEqual(chosen as never);
  expect(load({ COLLECTOR_PLUGINS: "exec:/bin/a host,/b.js" }).plugins.chosen).toEqual([
    { type: "exec", command: "/bin/a" },
    { type: "built-in", name: "host" },
    { type: "module", path: "/b.js" },
  ]);
});

test("a mistake in a plugin's variable counts when the plugin is configured, else it is kept for test-plugins", () => {
  const issue = 'K8S_STATS_SERVICE_PORT: got "x", expects a port';
  expect(issuesOf({ K8S_STATS_SERVICE_PORT: "x", COLLECT_PLUGINS: "k8s" })).toEqual([issue]);
  expect(load({ K8S_STATS_SERVICE_PORT: "x", HOST_COLLECTOR_METRICS: "ram" }).plugins).toEqual({
    chosen: [],
    values: { host: { metrics: ["ram"] } },
    issues: { k8s: [issue] },
  });
});
