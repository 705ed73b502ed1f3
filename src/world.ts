import type { Env } from "./env.ts";

/** The process around the program: what main.ts hands in. */
export type World = {
  version: string;
  env: Env;
  hostname: string;
  home: string | undefined;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
  /** From now on an error that nobody caught is reported, and does not end the process. */
  uncaught(report: (thrown: unknown) => void): void;
  /** Standard output and standard error. */
  print(text: string): void;
  note(text: string): void;
  /** Whether a person watches. */
  terminal: { out: boolean; error: boolean };
  importModule(path: string): Promise<unknown>;
};
