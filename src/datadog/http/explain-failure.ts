import type { Target } from "./explain-answer.ts";
import { readable } from "./readable.ts";

/** Explains why there was no answer and what to do. `atProxy`: it went wrong on the way to the proxy. */
export function explainFailure(error: unknown, { url, variable, proxy }: Target, atProxy: boolean): string {
  const peer =
    atProxy && proxy !== undefined
      ? { name: `the proxy ${proxy.url.host}`, host: proxy.url.hostname, variable: proxy.variable }
      : { name: url.host, host: url.hostname, variable };
  const code = codeOf(error);
  const words = WORDS.find(([codes]) => codes.test(code))?.[1];
  if (words !== undefined) return `${words(peer)} (${code})`;
  return `no answer from ${peer.name}: ${readable(error instanceof Error ? error.message : String(error))}`;
}

/** Tells whether a request failed because the authority of the peer's certificate is unknown; also of a tunnel's cause. */
export function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.test(codeOf(error)) || (error instanceof Error && UNTRUSTED.test(codeOf(error.cause)));
}

/** `DEPTH_ZERO_SELF_SIGNED_CERT`, `SELF_SIGNED_CERT_IN_CHAIN`, `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`, … */
const UNTRUSTED = /SELF_SIGNED|UNTRUSTED|^UNABLE_TO_/;

type Peer = { name: string; host: string; variable: string };

/** errno(3), getaddrinfo(3), OpenSSL's reasons as Node and Bun spell them, and those of Node's HTTP parser. */
const WORDS: readonly (readonly [RegExp, (peer: Peer) => string])[] = [
  [
    /^(ENOTFOUND|EAI_\w+)$/,
    ({ host }) =>
      `the name ${host} cannot be resolved: check the network and its DNS, \`getent hosts ${host}\``,
  ],
  [
    /^ECONNREFUSED$/,
    ({ name, variable }) => `nothing listens at ${name}: check ${variable} and the firewall`,
  ],
  [
    /^(ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)$/,
    ({ name }) => `${name} cannot be reached: check the network, \`ip route\``,
  ],
  [/^(ECONNRESET|EPIPE|ECONNABORTED)$/, ({ name }) => `${name} closed the connection before it answered`],
  // A Raspberry Pi has no clock that runs without power: before the time is set, every certificate is from the future.
  [
    /^(CERT_NOT_YET_VALID|CERT_HAS_EXPIRED)$/,
    ({ name }) =>
      `the certificate of ${name} has expired or is not valid yet by the clock of this machine: check the clock, \`timedatectl\``,
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    ({ name, variable }) => `${name} presents the certificate of another host: check ${variable}`,
  ],
  [
    /CERT|^UNABLE_TO_/,
    ({ name }) =>
      `the certificate of ${name} is not trusted: check the clock, \`timedatectl\`; behind a proxy that intercepts TLS, name its CA with SSL_CERT_FILE=/path/ca.pem`,
  ],
  [
    /^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/,
    ({ name, variable }) => `${name} does not speak TLS: check whether ${variable} should begin with http://`,
  ],
  [/^HPE_/, ({ name, variable }) => `${name} does not speak HTTP: check ${variable}`],
  [/^(EMFILE|ENFILE)$/, () => "too many open files: check `ulimit -n`"],
];

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
