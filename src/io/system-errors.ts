/** What went wrong with a file, socket or program, in a person's words; the original message where there are none. */
export function inWords(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined && code in WORDS) return WORDS[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** `ENOENT` and its like; undefined when it is no error of the system. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** errno(3), getaddrinfo(3) and the names that OpenSSL's reasons have in Node; Bun uses the same. */
const WORDS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "it is a directory",
  ENOEXEC: "it is not a program for this machine",
  ECONNREFUSED: "connection refused, nothing listens there",
  ECONNRESET: "the connection was closed before the answer was complete",
  EPIPE: "the connection was closed before the answer was complete",
  EHOSTUNREACH: "no route to that host",
  ENETUNREACH: "the network is unreachable",
  ETIMEDOUT: "no answer in time",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the name of the host cannot be looked up now",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  CERT_HAS_EXPIRED: "its certificate has expired; is the clock of this machine right?",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; is the clock of this machine right?",
};
