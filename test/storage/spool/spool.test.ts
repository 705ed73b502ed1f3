import { setDefaultTimeout } from "bun:test";
import { testSharedStorage, testStorage } from "../contract.ts";
import { BACKENDS } from "../sqlite/backends.ts";
import { spoolRig } from "./rig.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

for (const { name, openSqlite } of BACKENDS) {
  // Each level keeps its own stamps: the model knows one.
  const model = { without: "keepStamps" };
  testStorage(`spool on ${name}`, spoolRig(openSqlite), model);
  testStorage(`spool on ${name}, everything on the card`, spoolRig(openSqlite, { persistEvery: 1 }), model);
  testStorage(`spool on ${name}, records on both levels`, spoolRig(openSqlite, { persistEvery: 3 }), model);
  testSharedStorage(`spool on ${name}`, spoolRig(openSqlite));
  testSharedStorage(`spool on ${name}, records on both levels`, spoolRig(openSqlite, { persistEvery: 3 }));
}
