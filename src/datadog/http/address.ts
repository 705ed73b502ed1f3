/** What a connection to a URL's server needs: its name or address, the port, and the name in its certificate. */
export type Address = {
  /** `fe80::1`, where URLs write `[fe80::1]`. */
  host: string;
  port: string;
  /**
   * Empty for an IP address, which is looked for in the certificate by itself. Without one, TLS would ask a proxy for the
   * certificate of the host in the request's header.
   */
  servername: string;
};

export function addressOf(url: URL): Address {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isAddress = host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return { host, port, servername: isAddress ? "" : host };
}
