import { afterEach, beforeEach } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "../../../src/storage/storage.ts";
import { ALL, record } from "../rig.ts";
import type { Backend } from "./backends.ts";

export const RAW = "chouette:metrics:raw";

/** Gives each test the path of a state directory that does not exist yet, in a new directory that is removed afterwards. */
export function stateDirectory({ openSqlite }: Backend) {
  const state = { dir: "", path: "", warnings: [] as string[] };
  beforeEach(async () => {
    state.dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
    state.path = join(state.dir, "state", "chouette.db");
    state.warnings = [];
  });
  afterEach(() => rm(state.dir, { recursive: true }));
  const warn = (message: string) => void state.warnings.push(message);
  return Object.assign(state, {
    open: (options: { readOnly?: boolean } = {}): Storage =>
      openSqlite(state.path, { now: () => 1_700_000_000.5, fateOf: () => "unknown" as const, warn }, options),
    files: async () => (await readdir(join(state.dir, "state"))).sort(),
  });
}

/** Returns the names of a database's files with these suffixes. */
export function named(suffixes: readonly string[], name = "chouette.db"): string[] {
  return suffixes.map((suffix) => name + suffix);
}

export function add(...keys: string[]) {
  return { add: [{ queue: RAW, records: keys.map((key) => record(key, 1)) }] } as const;
}

export async function keysIn(storage: Storage): Promise<string[]> {
  return (await storage.peek(RAW, ALL)).map(({ key }) => key);
}
