/** Every mistake in the configuration at once; `issues` has one sentence each. Exit code 2. */
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

/** Kernel or tool text that is not what its documentation says: carries the file and the offending line. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  constructor(source: string, line: string) {
    super(`${source}: cannot understand ${JSON.stringify(line.slice(0, 200))}`);
  }
}

/** The queue storage is out of reach or refuses; the message says which one, why, and what to try. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** The lease on a queue went to another process in the meantime; nothing was changed. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** A plugin could not do its work: why, and what the owner of the device types to fix it. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly remedy: string;
  constructor(reason: string, remedy: string) {
    super(reason);
    this.remedy = remedy;
  }
}
