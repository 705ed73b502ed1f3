import { expect, test } from "bun:test";
import { LeaseLost, StorageError } from "../../../src/errors.ts";
import { explainSqliteError, isDamage } from "../../../src/storage/sqlite/errors.ts";

const PATH = "/var/lib/chouette/chouette.db";
const sqlite = (errcode: number, message = "") =>
  Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR", errcode });
const file = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["SQLITE_BUSY", sqlite(5), ["locked", "sudo fuser -v PATH"]],
  ["SQLITE_READONLY", sqlite(8), ["writable", "sudo chown -R 998 DIR"]],
  ["SQLITE_IOERR_WRITE, whose low byte is SQLITE_IOERR", sqlite(778), ["disk", "sudo dmesg", "SD card"]],
  ...([11, 26] as const).map((code): [string, Error, string[]] => [
    code === 11 ? "SQLITE_CORRUPT" : "SQLITE_NOTADB",
    sqlite(code, "file is not a database"),
    ["damaged", "sudo dmesg"],
  ]),
  ["SQLITE_FULL", sqlite(13), ["disk is full", "df -h DIR"]],
  ["EACCES", file("EACCES"), ["this user", "sudo chown -R 998 DIR"]],
  [
    "EACCES of mkdir",
    Object.assign(file("EACCES"), { syscall: "mkdir" }),
    ["directory", "sudo install -d -m 750 -o 998 DIR"],
  ],
  ["any other error", sqlite(1, "no such column: at"), ["no such column: at", "sudo dmesg", "df -h DIR"]],
])("%s becomes a StorageError with the path, the problem and the command to type", (_, error, parts) => {
  const explained = explainSqliteError(error, PATH, 998);
  expect(explained).toBeInstanceOf(StorageError);
  for (const part of [`The database ${PATH} `, ...parts])
    expect(explained.message).toContain(
      part.replace("DIR", "/var/lib/chouette").replace(/^(.* )?PATH/, `$1${PATH}`),
    );
});

test("our own errors are returned unchanged", () => {
  for (const error of [new LeaseLost("lost"), new StorageError("refused")])
    expect(explainSqliteError(error, PATH, 998)).toBe(error);
});

test("only a broken page or a file that is not a database is damage", () => {
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
