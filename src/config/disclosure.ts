import type { Config } from "./config.ts";
import type { PluginChoice } from "./plugin-choice.ts";
import { withoutCredentials } from "./urls.ts";

/** The configuration for the log: whether there is a key, not which; URLs without user and password. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { plugins, storage, proxy, redisUrl, ...plain } = config;
  return {
    ...plain,
    apiKey: config.apiKey === undefined ? "not set" : "set",
    plugins: plugins.chosen.map(pluginName),
    storage: storage.type === "redis" ? { ...storage, url: withoutCredentials(storage.url) } : storage,
    redisUrl: redisUrl && withoutCredentials(redisUrl),
    proxy: {
      https: proxy.https && withoutCredentials(proxy.https),
      http: proxy.http && withoutCredentials(proxy.http),
      no: proxy.no,
    },
  };
}

/** Of a command only the program: an argument may be a password. */
function pluginName(choice: PluginChoice): string {
  if (choice.type === "exec") return `exec:${choice.command.split(/\s/, 1)[0]}`;
  return choice.type === "module" ? choice.path : choice.name;
}
