import { setDefaultTimeout } from "bun:test";
import { testSharedStorage, testStorage } from "../contract.ts";
import { BACKENDS } from "./backends.ts";
import { sqliteRig } from "./rig.ts";

// SQLite in WebAssembly is slow to start on a busy machine.
setDefaultTimeout(60_000);

for (const { name, openSqlite } of BACKENDS) {
  testStorage(name, sqliteRig(openSqlite));
  testSharedStorage(name, sqliteRig(openSqlite));
}
