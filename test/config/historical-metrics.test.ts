import { expect, test } from "bun:test";
import { load } from "./load.ts";

test.each([
  [{}, false],
  [{ DD_SITE: "datadoghq.eu" }, false],
  [{ DD_SITE: "us3.datadoghq.com" }, false],
  [{ DD_SITE: "ddog-gov.com" }, false],
  [{ DATADOG_URL: "https://api.datadoghq.com./api" }, false],
  [{ DATADOG_URL: "http://127.0.0.1:8428/datadog/api" }, true],
  [{ DATADOG_URL: "https://metrics.example.org", DD_SITE: "datadoghq.eu" }, true],
  [{ DATADOG_URL: "https://datadoghq.com.example.org" }, true],
  [{ DATADOG_URL: "https://notdatadoghq.com" }, true],
  [{ HISTORICAL_METRICS: "true" }, true],
  [{ HISTORICAL_METRICS: "false", DATADOG_URL: "http://127.0.0.1:8428" }, false],
])("with %j HISTORICAL_METRICS is %p", (env, historicalMetrics) => {
  expect(load(env).historicalMetrics).toBe(historicalMetrics);
});
