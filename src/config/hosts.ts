import * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { integerSchema, parsedSchema, textSchema } from "./variable.ts";

/**
 * A site such as `datadoghq.eu`, which is the end of host names; unknown sites are accepted unchanged. `app.datadoghq.eu`, which the
 * browser shows, is not a site.
 */
export function siteSchema(): v.GenericSchema<string, string> {
  return v.pipe(
    textSchema(),
    v.toLowerCase(),
    v.regex(/^(?!app\.|api\.)[a-z0-9]([a-z0-9-]*\.)+[a-z0-9-]*[a-z0-9]$/),
    v.check((site) => URL.canParse(`https://api.${site}`)),
  );
}

/** The host of everything sent; Datadog allows at most 255 bytes. Rejects default names that many devices share. */
export function hostNameSchema(): v.GenericSchema<string, string> {
  return v.pipe(parsedSchema(parseHostName), v.maxBytes(255));
}

function parseHostName(text: string): string {
  if (/["']/.test(text)) throw new InvalidValue("there is a quote in it");
  if (/[$%`]/.test(text)) throw new InvalidValue("variables and commands are not replaced here");
  if (isEveryonesName(text)) throw new InvalidValue("this is the name of every device");
  if (!/^[\p{L}\p{N}\p{M}._:-]+$/u.test(text)) throw new InvalidValue();
  return text;
}

/** True for the default name of a new device: all such devices would be one host at Datadog. */
export function isEveryonesName(host: string): boolean {
  return /^(\(none\)|(ip6-)?localhost[46]?(\.local(domain[46]?)?)?|127\.[\d.]+|::1)$/i.test(host);
}

/** True for a URL of one of Datadog's sites (https://docs.datadoghq.com/getting_started/site/). */
export function isOfDatadog(url: string): boolean {
  return /(^|\.)(datadoghq\.(com|eu)|ddog-gov\.com)\.?$/.test(new URL(url).hostname);
}

/** A name, an IPv4 or an IPv6 address; removes the brackets of the latter. */
export function redisHostSchema(): v.GenericSchema<string, string> {
  return v.pipe(
    textSchema(),
    v.transform((host) => /^\[(.*:.*)\]$/.exec(host)?.[1] ?? host),
    v.regex(/^([A-Za-z0-9._-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/),
    v.check((host) => URL.canParse(`redis://${host.includes(":") ? `[${host}]` : host}:6379`)),
  );
}

/**
 * A port, also from `tcp://10.96.0.7:6379`, which Kubernetes sets as REDIS_PORT in every pod when a service is called redis.
 */
export function redisPortSchema(): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.transform((text) => text.trim().replace(/^tcp:\/\/[^/]*:(?=\d+$)/, "")),
    integerSchema(1, 65_535),
  );
}
