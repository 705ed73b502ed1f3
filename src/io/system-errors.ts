import { IoError, type IoFailure } from "../errors.ts";

/** Explains an error of a file, socket or program; returns the original message for an unknown one. */
export function inWords(error: unknown): string {
  const [, words] = KNOWN[codeOf(error) ?? ""] ?? [];
  return words ?? (error instanceof Error ? error.message : String(error));
}

/** Returns `ENOENT` and its like; undefined when the error is not one of the system. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Makes the error of what was tried (`cannot read /proc/stat`) from that of the system. */
export function ioError(tried: string, cause: unknown): IoError {
  return new IoError(tried, failureOf(codeOf(cause) ?? ""), inWords(cause), { cause });
}

function failureOf(code: string): IoFailure {
  const [failure] = KNOWN[code] ?? [];
  if (failure !== undefined) return failure;
  if (/^(?:ERR_SSL_|EPROTO)/.test(code)) return "handshake";
  return /^ERR_(?:OSSL|BORINGSSL|CRYPTO)/.test(code) ? "bad-pem" : "other";
}

/** errno(3), getaddrinfo(3) and the names that OpenSSL's reasons have in Node; Bun uses the same. */
const KNOWN: Readonly<Record<string, readonly [failure: IoFailure, words: string]>> = {
  EACCES: ["denied", "permission denied"],
  EPERM: ["denied", "permission denied"],
  ENOENT: ["absent", "no such file"],
  ENOTDIR: ["absent", "no such file"],
  EISDIR: ["other", "it is a directory"],
  ENOEXEC: ["other", "it is not a program for this machine"],
  ECONNREFUSED: ["refused", "connection refused, nothing listens there"],
  ECONNRESET: ["closed", "the connection was closed before the answer was complete"],
  EPIPE: ["closed", "the connection was closed before the answer was complete"],
  EHOSTUNREACH: ["other", "no route to that host"],
  ENETUNREACH: ["other", "the network is unreachable"],
  ETIMEDOUT: ["timeout", "no answer in time"],
  ENOTFOUND: ["other", "there is no host of that name"],
  EAI_AGAIN: ["other", "the name of the host cannot be looked up now"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["untrusted", "its certificate is self-signed"],
  SELF_SIGNED_CERT_IN_CHAIN: ["untrusted", "its certificate is signed by an unknown authority"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["untrusted", "its certificate is signed by an unknown authority"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["untrusted", "its certificate is signed by an unknown authority"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["untrusted", "its certificate is for another name"],
  CERT_HAS_EXPIRED: ["untrusted", "its certificate has expired; is the clock of this machine right?"],
  CERT_NOT_YET_VALID: ["untrusted", "its certificate is not valid yet; is the clock of this machine right?"],
};
