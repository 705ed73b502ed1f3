import type { RedisAddress } from "../redis/address.ts";
import type { Config } from "./config.ts";
import { pluginName } from "./plugin-choice.ts";
import { passwordsIn, withoutCredentials } from "./urls.ts";

/** Describes the configuration for the log: whether there is a key, not which; addresses without user and password; no warnings. */
export function describeConfig(config: Config): Record<string, unknown> {
  const {
    apiKey,
    logFiles,
    journaldUnits,
    logsListen,
    logMask,
    plugins,
    storage,
    proxy,
    redis,
    redisListen,
    stateDirectory,
    warnings,
    ...plain
  } = config;
  return {
    ...plain,
    apiKey: apiKey === undefined ? "not set" : "set",
    logFiles: logFiles.map(({ what }) => what),
    journaldUnits: journaldUnits.map(({ what }) => what),
    logsListen: logsListen.map(({ what }) => what),
    logMask: `${logMask.length} patterns`,
    plugins: plugins.chosen.map(pluginName),
    storage: storage.type === "redis" ? { type: storage.type, where: storage.address.where } : storage,
    redis: redis?.where,
    redisListen: redisListen?.place,
    proxy: {
      https: proxy.https && withoutCredentials(proxy.https),
      http: proxy.http && withoutCredentials(proxy.http),
      no: proxy.no,
    },
  };
}

/** Describes what matters most of the configuration in one line. */
export function summarizeConfig({ plugins, storage, host, intakeUrls }: Config): string {
  const names = plugins.chosen.map(pluginName);
  const where = storage.type === "redis" ? storage.address.where : storage.directory;
  return `plugins ${names.join(", ") || "none"}; queues in ${where}; sends to ${new URL(intakeUrls.series).host} as ${host}`;
}

/** Returns every text that must not appear in a log: the API key and the passwords of Redis, its protocol and the proxies. */
export function secretsOf({ apiKey, redis, redisListen, proxy }: Config): string[] {
  const ofProxies = [proxy.https, proxy.http].flatMap((url) => (url === undefined ? [] : passwordsIn(url)));
  return [
    ...(apiKey === undefined ? [] : [apiKey]),
    ...(redis === undefined ? [] : passwordsOf(redis)),
    ...(redisListen?.password === undefined ? [] : [redisListen.password]),
    ...ofProxies,
  ];
}

/** Returns the password as it is and percent-encoded. A user without a password may be a token. */
function passwordsOf({ username, password }: RedisAddress): string[] {
  const secret = password ?? username;
  return secret === undefined ? [] : [...new Set([secret, encodeURIComponent(secret)])];
}
