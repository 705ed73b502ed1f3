import { setDefaultTimeout } from "bun:test";
import { testSharedStorage, testStorage } from "../contract.ts";
import { BACKENDS } from "./backends.ts";
import { sqliteRig } from "./rig.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

for (const { name, openSqlite } of BACKENDS) {
  testStorage(name, sqliteRig(openSqlite));
  testSharedStorage(name, sqliteRig(openSqlite));
}
