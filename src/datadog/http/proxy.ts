import { BlockList, isIP } from "node:net";
import { addressOf } from "./address.ts";

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY: valid http:// or https:// URLs, and hosts that are reached without a proxy. */
export type Proxies = { readonly https?: string; readonly http?: string; readonly no: readonly string[] };

export type HttpProxy = {
  url: URL;
  /** Proxy-Authorization, when the URL names a user. */
  headers: Readonly<Record<string, string>>;
  /** Which variable it is from, for people. */
  variable: "HTTPS_PROXY" | "HTTP_PROXY";
};

/**
 * Returns the proxy on the way to a URL, chosen by the URL's own scheme; undefined when there is none or NO_PROXY names the host.
 * This machine itself is never reached through a proxy, as in Go and so in Datadog's own agent.
 */
export function proxyFor(target: URL, proxies: Proxies): HttpProxy | undefined {
  const secure = target.protocol === "https:";
  const text = secure ? proxies.https : proxies.http;
  const host = target.hostname.replace(/\.$/, "");
  if (text === undefined || isLoopback(host)) return undefined;
  if (proxies.no.some((entry) => covers(entry.toLowerCase(), host, addressOf(target).port))) return undefined;
  const url = new URL(text);
  return { url, headers: authorizationOf(url), variable: secure ? "HTTPS_PROXY" : "HTTP_PROXY" };
}

function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}

/**
 * Tells whether an entry of NO_PROXY covers a host. `*` is every host, `example.com` that host and all below it, `.example.com`
 * and `*.example.com` only those below, `10.0.0.1` and `[fe80::1]` an address, `10.0.0.0/8` and `fd00::/8` the addresses of a
 * network (names are not looked up for it, as in Go); with `:8080` only that port.
 */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInNetwork(host, entry);
  const [, name = "", only] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (name === "" || (only !== undefined && only !== port)) return false;
  if (name.startsWith(".") || name.startsWith("*.")) return host.endsWith(name.slice(name.indexOf(".")));
  const address = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  return host === address || host.endsWith(`.${address}`);
}

/** `10.1.2.3` is in `10.0.0.0/8`; `[fd00::1]` in `fd00::/8` and `[fd00::]/8`. */
function isInNetwork(host: string, network: string): boolean {
  const [, base = "", bits = ""] = /^\[?([^\]/]*)\]?\/(\d{1,3})$/.exec(network) ?? [];
  const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) === 0 || isIP(base) === 0 || Number(bits) > (isIP(base) === 6 ? 128 : 32)) return false;
  const addresses = new BlockList();
  addresses.addSubnet(base, Number(bits), family(base));
  return addresses.check(address, family(address));
}

function authorizationOf(url: URL): Record<string, string> {
  return url.username === "" && url.password === "" ? {} : { "Proxy-Authorization": `Basic ${basicOf(url)}` };
}

/** Returns the credentials of a URL as a header carries them (RFC 7617): user and password decoded from what a URL has to write. */
export function basicOf({ username, password }: URL): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return Buffer.from(credentials).toString("base64");
}
