import { ConfigError } from "../errors.ts";
import { type RedisAddress, tcpAddress } from "../redis/address.ts";
import { findApiKey, type ReadText } from "./api-key.ts";
import { datadogVariables } from "./datadog-variables.ts";
import {
  type DogstatsdPlaces,
  type DogstatsdValues,
  dogstatsdPlaces,
  dogstatsdVariables,
} from "./dogstatsd-variables.ts";
import { isEveryonesName, isOfDatadog } from "./hosts.ts";
import { type IntakeUrls, intakeUrls } from "./intake-urls.ts";
import { logsVariables } from "./logs-variables.ts";
import { pipelineVariables } from "./pipeline-variables.ts";
import { choosePlugins, type PluginChoice } from "./plugin-choice.ts";
import { type RedisListen, redisListenOf, redisListenVariables } from "./redis-listen-variables.ts";
import { type StorageConfig, storageVariables } from "./storage-variables.ts";
import {
  type Env,
  givenName,
  normalizeEnv,
  readVariables,
  textSchema,
  type Values,
  type Variables,
} from "./variable.ts";
import { warnOfClearText, warnOfName } from "./warnings.ts";

/**
 * Every variable of the agent; those of plugins are in their folders. When several names of a variable are set, the first in
 * `names` wins.
 */
export const coreVariables = {
  ...datadogVariables,
  ...pipelineVariables,
  ...dogstatsdVariables,
  ...storageVariables,
  ...logsVariables,
  ...redisListenVariables,
} as const satisfies Variables;

/** The configuration: plain, complete and validated data. Intervals and TTLs are seconds. */
export type Config = Readonly<Omit<CoreValues, keyof Parts>> & {
  /** Undefined only when no key is required. */
  readonly apiKey: string | undefined;
  /** Whether metrics older than an hour are sent: Datadog throws most of them away, other servers take them. */
  readonly historicalMetrics: boolean;
  /** Full URLs to post to, with the version in their paths. */
  readonly intakeUrls: IntakeUrls;
  /** Proxy URLs with their passwords; `no` lists the hosts to reach without a proxy. */
  readonly proxy: { readonly https?: string; readonly http?: string; readonly no: readonly string[] };
  /** Paths of PEM files whose certificates are trusted besides the built-in ones: SSL_CERT_FILE, NODE_EXTRA_CA_CERTS. */
  readonly caFiles: readonly string[];
  readonly plugins: {
    readonly chosen: readonly PluginChoice[];
    /** The variables of every built-in plugin, configured or not, as `Plugin.create` takes them; missing when they are invalid. */
    readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    /** Mistakes in the variables of plugins that are not configured. */
    readonly issues: Readonly<Record<string, readonly string[]>>;
  };
  readonly storage: StorageConfig;
  /** Where applications send DogStatsD; undefined: nowhere. */
  readonly dogstatsd: DogstatsdPlaces | undefined;
  /** Where applications write in Redis' protocol, with the password that they give; undefined: nowhere. */
  readonly redisListen: RedisListen | undefined;
  /** The Redis of the device, even if it is not the storage; undefined when none is configured. Contains the password. */
  readonly redis: RedisAddress | undefined;
  /** Probable mistakes that work nevertheless, a sentence each. */
  readonly warnings: readonly string[];
};

/** The values of the table, including defaults that depend on the machine. */
type CoreValues = Values<ReturnType<typeof withDefaults>>;

/** Variables that have another form in `Config`. */
type Parts = Pick<
  CoreValues,
  | "apiKey"
  | "apiKeyFile"
  | "historicalMetrics"
  | "datadogUrl"
  | "datadogLogsUrl"
  | "site"
  | "httpsProxy"
  | "httpProxy"
  | "noProxy"
  | "caFile"
  | "extraCaFile"
  | "plugins"
  | "storageType"
  | "redisUrl"
  | "redisHost"
  | "redisPort"
  | "runtimeDirectory"
  | "durability"
  | "queueMaxBytes"
  | "queueMaxRecords"
  | "redisListen"
  | "redisListenPassword"
  | keyof DogstatsdValues
>;

export type ConfigSources = {
  hostname: string;
  /** The user's home directory, if any. */
  home: string | undefined;
  readText: ReadText;
  /** Reads the certificates of a PEM file; throws an Error whose message says what is wrong with it. */
  readCertificates(path: string): readonly string[];
};

export type ConfigOptions = {
  /** The variables of every built-in plugin by its name. */
  pluginVariables: Readonly<Record<string, Variables>>;
  requireApiKey: boolean;
};

/** Loads the configuration of the agent; throws ConfigError with every mistake, one line each. */
export function loadConfig(environment: Env, sources: ConfigSources, options: ConfigOptions): Config {
  const env = firstDirectories(normalizeEnv(environment));
  const { values, issues } = readVariables(withDefaults(env, sources), env);
  const key = findApiKey(env, sources.readText);
  if ("issue" in key && options.requireApiKey) issues.unshift(key.issue);
  const choice = choosePlugins(env, values.plugins ?? [], Object.keys(options.pluginVariables));
  const plugins = readPlugins(options.pluginVariables, env);
  issues.push(...choice.issues);
  for (const it of choice.chosen) if (it.type === "built-in") issues.push(...(plugins.issues[it.name] ?? []));
  issues.push(
    ...caFileIssues({ SSL_CERT_FILE: values.caFile, NODE_EXTRA_CA_CERTS: values.extraCaFile }, sources),
  );
  const listen = redisListenOf(values, storageTypeOf(values));
  if ("issue" in listen) issues.push(listen.issue);
  if (issues.length > 0 || "issue" in listen) throw new ConfigError(issues);

  const { apiKey, apiKeyFile, datadogUrl, datadogLogsUrl, site, ...others } = values;
  const { httpsProxy, httpProxy, noProxy, caFile, extraCaFile, ...rest } = others;
  const { plugins: items, storageType, redisUrl, redisHost, redisPort, ...limits } = rest;
  const { queueMaxBytes, queueMaxRecords, ...places } = limits;
  const { runtimeDirectory, durability, dogstatsd, dogstatsdPort, ...settings } = places;
  const { dogstatsdNonLocal, dogstatsdBuffer, dogstatsdStream, dogstatsdStreamMode, ...sockets } = settings;
  const { dogstatsdStreamGroup, dogstatsdSocket, redisListen, redisListenPassword, ...plain } = sockets;
  const caFiles = [caFile, extraCaFile].filter((path) => path !== undefined);
  const storage = storageOf(values, caFiles, env);
  const bases = {
    metrics: datadogUrl ?? `https://api.${site}/api`,
    logs: datadogLogsUrl ?? `https://http-intake.logs.${site}`,
  };
  const urls = intakeUrls(bases, { metrics: plain.metricsApiVersion, logs: plain.logsApiVersion });
  return {
    ...plain,
    apiKey: "key" in key ? key.key : undefined,
    historicalMetrics: values.historicalMetrics ?? !isOfDatadog(urls.series),
    intakeUrls: urls,
    proxy: {
      ...(httpsProxy !== undefined && { https: httpsProxy }),
      ...(httpProxy !== undefined && { http: httpProxy }),
      no: noProxy,
    },
    caFiles,
    plugins: { chosen: choice.chosen, ...plugins },
    ...storage,
    redisListen: listen.listen,
    dogstatsd: (dogstatsd ?? storage.storage.type === "sqlite") ? dogstatsdPlaces(values) : undefined,
    warnings: [...warnOfName(plain.host), ...warnOfClearText([urls.series, urls.logs])],
  };
}

/** Returns a mistake for each file of authorities that cannot be used, with its variable. */
function caFileIssues(files: Readonly<Record<string, string | undefined>>, sources: ConfigSources): string[] {
  return Object.entries(files).flatMap(([name, path]) => {
    try {
      if (path !== undefined) sources.readCertificates(path);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [
        `${name}: got ${JSON.stringify(path)}, ${why}; expects a PEM file with certificates of authorities`,
      ];
    }
  });
}

/** Keeps the first directory: systemd passes every StateDirectory= in one variable, separated by colons, and every RuntimeDirectory= in another. */
function firstDirectories(env: Env): Env {
  const first = (list: string | undefined) => list?.split(":", 1)[0];
  return {
    ...env,
    STATE_DIRECTORY: first(env.STATE_DIRECTORY),
    RUNTIME_DIRECTORY: first(env.RUNTIME_DIRECTORY),
  };
}

/** Adds the defaults that depend on the machine. XDG_STATE_HOME counts only when absolute, as its specification says. */
function withDefaults(env: Env, { hostname, home }: ConfigSources) {
  const { host, stateDirectory } = coreVariables;
  const xdg = env.XDG_STATE_HOME?.startsWith("/") ? env.XDG_STATE_HOME : undefined;
  const state = xdg ?? (home === undefined ? "/var/lib" : `${home}/.local/state`);
  // A device that still has a default name such as `raspberrypi` runs with a warning; configuring such a name is a mistake.
  const isLenient = givenName(host, env) === undefined && isEveryonesName(hostname);
  return {
    ...coreVariables,
    host: { ...host, default: hostname, schema: isLenient ? textSchema() : host.schema },
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

function storageTypeOf({ storageType, redisUrl, redisHost }: Partial<CoreValues>): "redis" | "sqlite" {
  return storageType ?? (redisUrl === undefined && redisHost === undefined ? "sqlite" : "redis");
}

/** Returns the storage. REDIS_URL wins over host and port; without any of them the storage type `redis` means `redis:6379`. */
function storageOf(
  values: CoreValues,
  caFiles: readonly string[],
  env: Env,
): Pick<Config, "storage" | "redis"> {
  const { redisUrl, redisHost, redisPort, stateDirectory } = values;
  const trusting = redisUrl?.tls && caFiles.length > 0 ? { ...redisUrl, caFiles } : redisUrl;
  const named = trusting ?? (redisHost === undefined ? undefined : tcpAddress(redisHost, redisPort));
  const type = storageTypeOf(values);
  const userRuntime = env.XDG_RUNTIME_DIR?.startsWith("/") ? env.XDG_RUNTIME_DIR : undefined;
  const ram = { named: values.runtimeDirectory, userRuntime };
  if (type === "sqlite") {
    const { durability, queueMaxBytes: maxBytes } = values;
    const strict = durability === "strict";
    return { storage: { type, directory: stateDirectory, ...ram, strict, maxBytes }, redis: named };
  }
  const address = named ?? tcpAddress("redis", redisPort);
  return { storage: { type, address, ...ram, maxRecords: values.queueMaxRecords }, redis: address };
}
