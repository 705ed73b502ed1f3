import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { findFiles } from "../../../src/logs/files/find-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/chouette-find-`);
  for (const file of ["a/log/x.log", "a/log/y.log", "a/log/y.log.1", "b/log/x.log.gz", "b/log/.x.log"]) {
    mkdirSync(`${root}/${file}`.replace(/[^/]+$/, ""), { recursive: true });
    writeFileSync(`${root}/${file}`, "");
  }
  writeFileSync(`${root}/lock`, "");
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ["/a/log/x.log", ["/a/log/x.log"]],
  ["/not/there.log", ["/not/there.log"]],
  ["/*/log/*.log", ["/a/log/x.log", "/a/log/y.log"]],
  ["/*/log/y.log*", ["/a/log/y.log"]],
  ["/*/log/x.log", ["/a/log/x.log"]],
  ["/?/log/[!x].log", ["/a/log/y.log"]],
  ["/b/log/.*.log", ["/b/log/.x.log"]],
  ["/a/log/[z-a].log", []],
  ["/not/*/there.log", []],
])("%s names the files that exist and were not put aside by rotation", (glob, files) => {
  expect(findFiles(root, glob)).toEqual(files);
});
