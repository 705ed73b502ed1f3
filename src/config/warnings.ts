import { isEveryonesName } from "./hosts.ts";
import { nearest } from "./nearest.ts";

/** Warns of every variable that nothing reads, with the known name that was probably meant. `names`: as they stand in the file. */
export function warnOfUnknown(file: string, names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name.toUpperCase()))
    .map((name) => {
      const meant = nearest(name, known);
      const suggestion = meant === undefined ? "" : `; did you mean ${meant}?`;
      return `${file}: nothing reads the variable ${name}${suggestion}`;
    });
}

/** Warns of each intake that gets the API key in clear text over a network that others may read. */
export function warnOfClearText(urls: readonly string[]): string[] {
  const hosts = urls
    .map((url) => new URL(url))
    .filter(({ protocol, hostname }) => protocol === "http:" && !isNear(hostname));
  return [...new Set(hosts.map(({ host }) => host))].map(
    (host) => `http://${host} gets the API key in clear text: use https://`,
  );
}

/** Warns of a host name that every new device has. */
export function warnOfName(host: string): string[] {
  if (!isEveryonesName(host)) return [];
  return [
    `the system's host name is ${host}: devices of the same name are one host for Datadog; set HOST, or sudo hostnamectl set-hostname NAME`,
  ];
}

/** True for this machine and for private networks: RFC 1918, 6598, 3927, 4193, 4291; names without a dot and of local domains. */
function isNear(hostname: string): boolean {
  const v6 = /^\[(.*)\]$/.exec(hostname)?.[1];
  if (v6 !== undefined) return /^(::1$|f[cd]|fe[89ab])/.test(v6);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname))
    return /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
      hostname,
    );
  return (
    !hostname.replace(/\.$/, "").includes(".") ||
    /\.(local|lan|internal|localhost|localdomain|home\.arpa)\.?$/.test(hostname)
  );
}
