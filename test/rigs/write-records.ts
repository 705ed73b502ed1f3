/** Writes the records on standard input, a JSON list, into the queue of raw metrics of the database in the first argument. */
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";

const deps = { now: () => Date.now() / 1000, fateOf: () => "unknown" as const, warn: console.error };
const storage = openSqlite(process.argv[2] ?? "", deps);
await storage.commit({ add: [{ queue: "chouette:metrics:raw", records: await Bun.stdin.json() }] });
await storage.close();
