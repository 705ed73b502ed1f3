import { testSharedStorage, testStorage } from "./contract.ts";
import { BACKENDS } from "./sqlite-backends.ts";
import { sqliteRig } from "./sqlite-rig.ts";

for (const { name, openSqlite } of BACKENDS) {
  testStorage(name, sqliteRig(openSqlite));
  testSharedStorage(name, sqliteRig(openSqlite));
}
