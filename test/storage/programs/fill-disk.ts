/**
 * Fills the small disk that the database in the first argument lies on, record by record, until a commit is refused, and
 * removes them. Prints as JSON the error message, whether all committed records were there, and how many are after the removal.
 */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";

const RAW = "chouette:metrics:raw";
const [, , path = ""] = process.argv;
const storage = openSqlite(path, { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} });
// Random, so that deflating it gains little.
const body = randomBytes(10_000).toString("hex");
const add = (key: string) => storage.commit({ add: [{ queue: RAW, records: [{ key, at: 1, body }] }] });

writeFileSync(`${path}-ballast`, Buffer.alloc(3_000_000));
let committed = 0;
let message = "";
while (message === "")
  await add(`k${committed}`).then(
    () => void committed++,
    (error: Error) => {
      message = `${error.name}: ${error.message}`;
    },
  );
const found = await storage.peek(RAW, { limit: 10_000, maxBytes: 1e9, maxBody: 1e9 });
const kept = found.length === committed && found.every((record) => record.body === body);
rmSync(`${path}-ballast`);
await storage.commit({ remove: [{ queue: RAW, keys: found.map(({ key }) => key) }] });
await add("new");
console.log(JSON.stringify({ message, some: committed > 10, kept, left: (await storage.size(RAW)).count }));
