/** All mistakes in the configuration, a sentence each in `issues`. Exit code 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly issues: readonly string[];
  constructor(issues: readonly string[]) {
    super(issues.join("\n"));
    this.issues = issues;
  }
}

/** A value that a person typed cannot be used: the message says why, and never holds the value, which may be a secret. */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
}

/**
 * The storage is unreachable or refuses an operation; the message names it, the cause and the command to type. `ofQueue`: one of its
 * keys is of a wrong type, and the storage works otherwise.
 */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly ofQueue: boolean;
  constructor(
    message: string | undefined,
    { ofQueue = false, ...options }: ErrorOptions & { ofQueue?: boolean } = {},
  ) {
    super(message, options);
    this.ofQueue = ofQueue;
  }
}

/** Whether an error shows that the storage fails, not only one operation on it. */
export function isStorageFailure(error: unknown): error is StorageError {
  return error instanceof StorageError && !error.ofQueue;
}

/** A place at which applications send cannot be opened; the message names it, the cause and the command to type. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Another process took the lease on a queue in the meantime; nothing was changed. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** A capture failed: the reason, and the remedy that the owner of the device types. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly remedy: string;
  constructor(reason: string, remedy: string) {
    super(reason);
    this.remedy = remedy;
  }
}

/** The kind of a failure outside the agent, for programs to act on. */
export type IoFailure =
  | "absent"
  | "denied"
  | "refused"
  | "closed"
  | "timeout"
  | "untrusted"
  | "handshake"
  | "bad-pem"
  | "not-configured"
  | "other";

/** A file, a program or a server failed. `code` is the kind of failure, `why` its cause as text; the message also names the operation. */
export class IoError extends Error {
  override readonly name = "IoError";
  readonly code: IoFailure;
  readonly why: string;
  constructor(tried: string, code: IoFailure, why: string, options?: ErrorOptions) {
    super(`${tried}: ${why}`, options);
    this.code = code;
    this.why = why;
  }
}
