/** Writes the records on standard input, a JSON list, into the queue of raw metrics of the database in the first argument, as its user. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";

const deps = { now: () => Date.now() / 1000, fateOf: () => "unknown" as const, warn: console.error };
const path = process.argv[2] ?? "";
const { uid, gid } = statSync(dirname(path));
process.setgid?.(gid);
process.setuid?.(uid);
const storage = openSqlite(path, deps);
await storage.commit({ add: [{ queue: "chouette:metrics:raw", records: await Bun.stdin.json() }] });
await storage.close();
