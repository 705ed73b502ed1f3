import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCredential } from "../../src/io/credentials.ts";
import { readEnvFile } from "../../src/start/configuration.ts";

const folder = mkdtempSync(join(tmpdir(), "configuration-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("an env file", () => {
  const path = join(folder, "chouette.env");

  test("may begin with a byte order mark", () => {
    writeFileSync(path, "\uFEFFHOST=pi4\n");
    expect(readEnvFile(path, readCredential)).toEqual({ HOST: "pi4" });
  });

  test("that is not UTF-8 is refused with what to do", () => {
    writeFileSync(path, "\uFEFFHOST=pi4\n", "utf16le");
    expect(() => readEnvFile(path, readCredential)).toThrow("chouette.env: this is not text in UTF-8: save");
  });

  test("that is a pipe without a writer is refused, and ends nothing", async () => {
    const pipe = join(folder, "pipe");
    await Bun.$`mkfifo ${pipe}`;
    expect(() => readEnvFile(pipe, readCredential)).toThrow(`--env-file ${pipe}: nothing is written`);
  });

  test("that is a directory or missing is refused by its name", () => {
    expect(() => readEnvFile(folder, readCredential)).toThrow(`--env-file ${folder}: it is a directory`);
    expect(() => readEnvFile(`${folder}/none`, readCredential)).toThrow("none: no such file");
  });
});
