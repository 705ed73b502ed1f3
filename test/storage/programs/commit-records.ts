/** Commits `count` records `<prefix>-<i>` one by one to a database, then dies by SIGKILL: nothing is closed or flushed. */
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";

const [, , path = "", prefix = "", count = "0"] = process.argv;
const deps = { now: () => 0, fateOf: () => "unknown" as const, warn: console.error };
const storage = openSqlite(path, deps);
for (let i = 0; i < Number(count); i++) {
  const record = { key: `${prefix}-${i}`, at: i, body: "{}" };
  await storage.commit({ add: [{ queue: "chouette:metrics:raw", records: [record] }] });
}
process.kill(process.pid, "SIGKILL");
