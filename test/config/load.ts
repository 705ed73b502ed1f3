import { type Config, type ConfigOptions, loadConfig } from "../../src/config/config.ts";
import { type Env, integerSchema, listOfSchema, type Variables } from "../../src/config/variable.ts";
import { ConfigError } from "../../src/errors.ts";

export const KEY = "0123456789abcdef0123456789abcdef";

/** The addresses without DD_SITE, DATADOG_URL and the like. */
export const usualUrls = {
  series: "https://api.datadoghq.com/api/v1/series",
  logs: "https://http-intake.logs.datadoghq.com/api/v2/logs",
  distributions: "https://api.datadoghq.com/api/v1/distribution_points",
  sketches: "https://api.datadoghq.com/api/beta/sketches",
  events: "https://api.datadoghq.com/api/v1/events",
  checks: "https://api.datadoghq.com/api/v1/check_run",
  validate: "https://api.datadoghq.com/api/v1/validate",
};

export const pluginVariables = {
  host: {
    metrics: {
      names: ["HOST_COLLECTOR_METRICS"],
      default: '["cpu","ram"]',
      meaning: "Groups.",
      expects: "a list of cpu, ram",
      schema: listOfSchema(["cpu", "ram"]),
    },
  },
  k8s: {
    port: {
      names: ["K8S_STATS_SERVICE_PORT"],
      default: "10250",
      meaning: "Port.",
      expects: "a port",
      schema: integerSchema(1, 65_535),
    },
  },
} satisfies Record<string, Variables>;

const missing = (): never => {
  throw Object.assign(new Error("no such file"), { code: "ENOENT" });
};
/** Every file of certificates is good but `/bad.pem`. */
const readCertificates = (path: string): string[] => {
  if (path === "/bad.pem") throw new Error("it holds no certificate");
  return ["certificate"];
};
export const sources = { hostname: "pi4", home: "/home/pi", readText: missing, readCertificates };

/** The embedded storage as the configuration describes it where nothing but the directory is given. */
export function embedded(directory: string): Config["storage"] {
  return {
    type: "sqlite",
    directory,
    named: undefined,
    userRuntime: undefined,
    strict: false,
    maxBytes: 256_000_000,
  };
}

export function load(env: Env, options: Partial<ConfigOptions> = {}): Config {
  return loadConfig({ API_KEY: KEY, ...env }, sources, { pluginVariables, requireApiKey: true, ...options });
}

export function issuesOf(env: Env, options: Partial<ConfigOptions> = {}): readonly string[] {
  try {
    load(env, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}
