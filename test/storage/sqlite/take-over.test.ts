import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ALL, RAW, WRAPPED } from "../rig.ts";
import { BACKENDS } from "./backends.ts";
import { stateDirectory } from "./state.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

/** The tables as Chouette 0.1.0 made them. */
const SCHEMA_0_1_0 = `
CREATE TABLE record (
  queue INTEGER NOT NULL, at REAL NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (queue, at, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX record_key ON record (queue, key);
CREATE TABLE stamp (second INTEGER PRIMARY KEY) STRICT;
CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

describe.each(BACKENDS)("a database of 0.1.0: $name", (backend) => {
  const state = stateDirectory(backend);

  async function create(records: number): Promise<void> {
    await mkdir(dirname(state.path));
    const database = new DatabaseSync(state.path);
    database.exec(`PRAGMA journal_mode = WAL; ${SCHEMA_0_1_0} BEGIN`);
    const add = database.prepare("INSERT INTO record VALUES (?, ?, ?, ?)");
    for (let i = 0; i < records; i++) add.run(i % 2, i / 2, `k${i}`, `{"n":${i}}`);
    database.exec("INSERT INTO stamp VALUES (7); INSERT INTO note VALUES ('n', 'text'); COMMIT");
    database.close();
  }

  test("is read on with every record in its place, its stamps and its notes", async () => {
    await create(5001);
    const storage = state.open();
    expect([await storage.size(RAW), await storage.size(WRAPPED)]).toEqual([
      { count: 2501, oldest: 0, newest: 2500 },
      { count: 2500, oldest: 0.5, newest: 2499.5 },
    ]);
    expect(await storage.peek(RAW, { ...ALL, limit: 2 })).toEqual([
      { key: "k0", at: 0, body: '{"n":0}', bytes: 7 },
      { key: "k2", at: 1, body: '{"n":2}', bytes: 7 },
    ]);
    expect([await storage.stamps(0, 9), await storage.note("n")]).toEqual([[7], "text"]);
    await storage.close();
    expect(state.warnings).toEqual([]);
  });

  test("is not read before an agent of this version has opened it, and the message says so", async () => {
    await create(1);
    const reader = state.open({ readOnly: true });
    await expect(reader.size(RAW)).rejects.toThrow(/older version.*systemctl start chouette/);
    await reader.close();
  });
});
