import { expect, test } from "bun:test";
import { LeaseLost, StorageError } from "../../../src/errors.ts";
import { explainSqliteError, isDamage } from "../../../src/storage/sqlite/errors.ts";

const PATH = "/var/lib/chouette/chouette.db";
const sqlite = (errcode: number, message = "") =>
  Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR", errcode });
const file = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["SQLITE_BUSY", sqlite(5), "is locked by another program. Which one: sudo fuser -v PATH."],
  ["SQLITE_READONLY", sqlite(8), "may not be written. Type: sudo chown -R 998 DIR."],
  [
    "SQLITE_IOERR_WRITE, whose low byte is SQLITE_IOERR",
    sqlite(778),
    "cannot be read or written: the disk reports an error. Look: sudo dmesg | tail; the SD card may be worn out.",
  ],
  ...([11, 26] as const).map((code): [string, Error, string] => [
    code === 11 ? "SQLITE_CORRUPT" : "SQLITE_NOTADB",
    sqlite(code, "file is not a database"),
    "is damaged. It is moved aside at the next try; later: sqlite3 PATH.corrupt-… .recover; look: sudo dmesg | tail.",
  ]),
  [
    "SQLITE_FULL",
    sqlite(13),
    "has no room: the disk is full. Make some: df -h DIR; sudo du -xh / | sort -h | tail.",
  ],
  ["EACCES", file("EACCES"), "may not be opened by this user. Type: sudo chown -R 998 DIR."],
  [
    "EACCES of mkdir",
    Object.assign(file("EACCES"), { syscall: "mkdir" }),
    "has no directory, and this user may not make it. Type: sudo install -d -m 750 -o 998 DIR.",
  ],
  [
    "anything else",
    sqlite(1, "no such column: at"),
    "failed: no such column: at. Look: sudo dmesg | tail; df -h DIR.",
  ],
])("%s is said with what to type", (_, error, said) => {
  const words = said.replace("DIR", "/var/lib/chouette").replace("PATH", PATH);
  expect(explainSqliteError(error, PATH, 998)).toEqual(new StorageError(`The database ${PATH} ${words}`));
});

test("our own errors stay what they are", () => {
  for (const error of [new LeaseLost("lost"), new StorageError("refused")])
    expect(explainSqliteError(error, PATH, 998)).toBe(error);
});

test("damage is a broken page or a file that is no database, and nothing else", () => {
  const damage = [
    sqlite(11),
    sqlite(26),
    sqlite(267),
    sqlite(13),
    sqlite(10),
    file("ENOENT"),
    new Error("x"),
  ];
  expect(damage.map(isDamage)).toEqual([true, true, true, false, false, false, false]);
});
