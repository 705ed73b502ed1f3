import type { Config } from "./config.ts";
import { passwordsIn } from "./urls.ts";

/** Every text that must not appear in a log: the API key and the passwords of Redis and of the proxies. */
export function secretsOf(config: Config): string[] {
  const urls = [config.redisUrl, config.proxy.https, config.proxy.http];
  const key = config.apiKey === undefined ? [] : [config.apiKey];
  return [...key, ...urls.flatMap((url) => (url === undefined ? [] : passwordsIn(url)))];
}
