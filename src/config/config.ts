import { ConfigError } from "../errors.ts";
import { findApiKey, type ReadText } from "./api-key.ts";
import { choosePlugins, type PluginChoice } from "./plugin-choice.ts";
import { type Env, normalizeEnv, readVariables, type Values, type Variables } from "./variable.ts";
import { coreVariables } from "./variables.ts";

/** What the environment comes to: plain data, complete, checked. Intervals and TTLs are seconds. */
export type Config = {
  /** Undefined only where no key is required. */
  readonly apiKey: string | undefined;
  /** Full URLs that are posted to, the version in their paths. */
  readonly seriesUrl: string;
  readonly logsIntakeUrl: string;
  readonly metricsApiVersion: 1 | 2;
  readonly logsApiVersion: 1 | 2;
  /** Proxy URLs with their passwords; `no` are the hosts reached without. */
  readonly proxy: { readonly https?: string; readonly http?: string; readonly no: readonly string[] };
  readonly host: string;
  /** As people wrote them, not normalized. */
  readonly globalTags: readonly string[];
  readonly plugins: {
    readonly chosen: readonly PluginChoice[];
    /** Of every built-in plugin, chosen or not, its variables as `Plugin.create` takes them; missing where there are issues. */
    readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    /** What is wrong with the variables of plugins that were not chosen. */
    readonly issues: Readonly<Record<string, readonly string[]>>;
  };
  readonly pluginMaxPoints: number;
  readonly captureInterval: number;
  readonly aggregateInterval: number;
  readonly releaseInterval: number;
  readonly metricTtl: number;
  readonly logTtl: number;
  readonly metricsBulkSize: number;
  /** A built-in wrapper, or the path of one's own module. */
  readonly wrapper: string;
  readonly histogramAggregates: readonly ("max" | "median" | "avg" | "count" | "sum" | "min")[];
  readonly histogramPercentiles: readonly number[];
  readonly sendSelfMetrics: boolean;
  readonly logLevel: LogLevel;
  readonly storage:
    | { readonly type: "redis"; readonly url: string }
    | { readonly type: "sqlite"; readonly directory: string };
  /** The Redis of the device, also where it is not the storage; undefined where none was named. Holds the password. */
  readonly redisUrl: string | undefined;
  readonly hostRoot: string;
};

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export type ConfigSources = {
  hostname: string;
  /** The user's home; undefined when there is none. */
  home: string | undefined;
  readText: ReadText;
};

export type ConfigOptions = {
  /** The variables of every built-in plugin by its name. */
  pluginVariables: Readonly<Record<string, Variables>>;
  requireApiKey: boolean;
};

/** The configuration of the agent; throws ConfigError with every mistake there is, one line each. */
export function loadConfig(environment: Env, sources: ConfigSources, options: ConfigOptions): Config {
  const env = firstStateDirectory(normalizeEnv(environment));
  const { values, issues } = readVariables(withDefaults(env, sources), env);
  const key = findApiKey(env, sources.readText);
  if ("issue" in key && options.requireApiKey) issues.unshift(key.issue);
  const choice = choosePlugins(env, values.plugins ?? [], Object.keys(options.pluginVariables));
  const plugins = readPlugins(options.pluginVariables, env);
  issues.push(...choice.issues);
  for (const it of choice.chosen)
    if (it.type === "built-in") issues.push(...notYetTold(issues, plugins.issues[it.name] ?? []));
  if (issues.length > 0) throw new ConfigError(issues);

  const { site, httpsProxy, httpProxy, noProxy, metricsApiVersion, logsApiVersion } = values;
  const metricsBase = values.datadogUrl ?? `https://api.${site}/api`;
  const logsBase = values.datadogLogsUrl ?? `https://http-intake.logs.${site}`;
  return {
    apiKey: "key" in key ? key.key : undefined,
    seriesUrl: `${metricsBase}/v${metricsApiVersion}/series`,
    logsIntakeUrl: logsApiVersion === 1 ? `${logsBase}/v1/input` : `${logsBase}/api/v2/logs`,
    metricsApiVersion,
    logsApiVersion,
    proxy: {
      ...(httpsProxy === undefined ? {} : { https: httpsProxy }),
      ...(httpProxy === undefined ? {} : { http: httpProxy }),
      no: noProxy,
    },
    host: values.host,
    globalTags: values.globalTags,
    plugins: { chosen: choice.chosen, ...plugins },
    pluginMaxPoints: values.pluginMaxPoints,
    captureInterval: values.captureInterval,
    aggregateInterval: values.aggregateInterval,
    releaseInterval: values.releaseInterval,
    metricTtl: values.metricTtl,
    logTtl: values.logTtl,
    metricsBulkSize: values.metricsBulkSize,
    wrapper: values.wrapper,
    histogramAggregates: values.histogramAggregates,
    histogramPercentiles: values.histogramPercentiles,
    sendSelfMetrics: values.sendSelfMetrics,
    logLevel: values.logLevel,
    ...storageOf(values),
    hostRoot: values.hostRoot,
  };
}

/** systemd gives every StateDirectory= in one variable, separated by colons. */
function firstStateDirectory(env: Env): Env {
  return { ...env, STATE_DIRECTORY: env.STATE_DIRECTORY?.split(":", 1)[0] };
}

/** The table with the defaults that depend on the machine. XDG_STATE_HOME counts only when absolute, as its specification says. */
function withDefaults(env: Env, { hostname, home }: ConfigSources) {
  const { host, stateDirectory } = coreVariables;
  const xdg = env.XDG_STATE_HOME?.startsWith("/") ? env.XDG_STATE_HOME : undefined;
  const state = xdg ?? (home === undefined ? "/var/lib" : `${home}/.local/state`);
  return {
    ...coreVariables,
    host: { ...host, default: hostname },
    stateDirectory: { ...stateDirectory, default: `${state}/chouette` },
  };
}

function readPlugins(tables: Readonly<Record<string, Variables>>, env: Env) {
  const values: Record<string, Record<string, unknown>> = {};
  const issues: Record<string, string[]> = {};
  for (const [name, table] of Object.entries(tables)) {
    const read = readVariables(table, env);
    if (read.issues.length > 0) issues[name] = read.issues;
    else values[name] = read.values;
  }
  return { values, issues };
}

/** Without the variables of which a mistake is told already: a plugin may read one of the agent's, in words of its own. */
function notYetTold(told: readonly string[], issues: readonly string[]): string[] {
  const nameOf = (issue: string) => issue.split(":", 1)[0];
  const names = new Set(told.map(nameOf));
  return issues.filter((issue) => !names.has(nameOf(issue)));
}

/** REDIS_URL wins over host and port; without any of them Redis is at `redis:6379` if it is asked for by its type. */
function storageOf(values: Values<ReturnType<typeof withDefaults>>): Pick<Config, "storage" | "redisUrl"> {
  const { redisUrl, redisHost, redisPort, stateDirectory } = values;
  const named = redisUrl ?? (redisHost === undefined ? undefined : `redis://${redisHost}:${redisPort}`);
  const type = values.storageType ?? (named === undefined ? "sqlite" : "redis");
  if (type === "sqlite") return { storage: { type, directory: stateDirectory }, redisUrl: named };
  const url = named ?? `redis://redis:${redisPort}`;
  return { storage: { type, url }, redisUrl: url };
}
