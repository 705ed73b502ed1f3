import * as v from "valibot";
import { integerSchema, textSchema } from "./variable.ts";

/**
 * `datadoghq.eu`, to which host names are added in front; sites that are not known yet are taken as they are. What the
 * browser shows, `app.datadoghq.eu`, is not a site.
 */
export function siteSchema(): v.GenericSchema<string, string> {
  return v.pipe(
    textSchema(),
    v.toLowerCase(),
    v.regex(/^(?!app\.|api\.)[a-z0-9]([a-z0-9-]*\.)+[a-z0-9-]*[a-z0-9]$/),
    v.check((site) => URL.canParse(`https://api.${site}`)),
  );
}

/** The host of everything sent: Datadog takes at most 255 bytes of it; blanks and control characters are slips. */
export function hostNameSchema(): v.GenericSchema<string, string> {
  return v.pipe(textSchema(), v.regex(/^[^\s\p{Cc}]+$/u), v.maxBytes(255));
}

/** A name, an IPv4 or an IPv6 address; that may stand in brackets, and comes back without. */
export function redisHostSchema(): v.GenericSchema<string, string> {
  return v.pipe(
    textSchema(),
    v.transform((host) => /^\[(.*:.*)\]$/.exec(host)?.[1] ?? host),
    v.regex(/^([A-Za-z0-9._-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/),
    v.check((host) => URL.canParse(`redis://${host.includes(":") ? `[${host}]` : host}:6379`)),
  );
}

/**
 * A port. Kubernetes sets `REDIS_PORT=tcp://10.96.0.7:6379` in every pod beside a service that is called redis; the port
 * is taken from that.
 */
export function redisPortSchema(): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.transform((text) => text.trim().replace(/^tcp:\/\/[^/]*:(?=\d+$)/, "")),
    integerSchema(1, 65_535),
  );
}
