import { expect, test } from "bun:test";
import { type Env, readVariables } from "../../../src/config/variable.ts";
import { k8s } from "../../../src/plugins/k8s/k8s.ts";

const EXPECTS =
  'JSON like {"pods":["memory","cpu"],"node":["inodes"]} (pods: memory cpu network; node: filesystem memory ram cpu inodes network)';

test("without variables, the defaults apply", () => {
  expect<unknown>(read({})).toEqual({ port: 10250, metrics: { pods: ["memory", "cpu"], node: ["inodes"] } });
});

test.each([
  ['{"pods":["network"]}', { pods: ["network"], node: [] }],
  ['{"node":["ram","filesystem"],"pods":[]}', { pods: [], node: ["ram", "filesystem"] }],
  ["{}", { pods: [], node: [] }],
])("K8S_METRICS=%s", (text, metrics) => {
  expect(read({ K8S_METRICS: text })).toMatchObject({ metrics });
});

test.each(['{"pods":["inodes"]}', '{"nodes":["cpu"]}', '["cpu"]', "cpu", '{"pods":"cpu"}', "null"])(
  "K8S_METRICS=%s is refused with the valid values",
  (text) => {
    const [issue, ...others] = readVariables(k8s.variables, { K8S_METRICS: text }).issues;
    expect(issue).toStartWith("K8S_METRICS: got ");
    expect(issue).toEndWith(`, expects ${EXPECTS}`);
    expect(others).toEqual([]);
  },
);

test.each([
  [{ K8S_STATS_SERVICE_IP: "10.1.18.1/x" }, "an address or a host name"],
  [{ K8S_STATS_SERVICE_IP: "user@host" }, "an address or a host name"],
  [{ K8S_STATS_SERVICE_PORT: "0" }, "a whole number from 1 to 65535"],
  [{ K8S_STATS_SERVICE_PORT: "10250x" }, "a whole number from 1 to 65535"],
  [{ K8S_INSECURE_TLS: "perhaps" }, "true or false"],
])("%j is refused", (env, expects) => {
  const { issues } = readVariables(k8s.variables, env as Env);
  expect(issues).toHaveLength(1);
  expect(issues[0]).toEndWith(`expects ${expects}`);
});

function read(env: Env) {
  const { values, issues } = readVariables(k8s.variables, env);
  expect(issues).toEqual([]);
  return values;
}
