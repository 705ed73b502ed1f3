import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTextFiles } from "../../src/io/text-file.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "chouette-files-"));
  mkdirSync(join(root, "proc/net"), { recursive: true });
  writeFileSync(join(root, "proc/loadavg"), "0.02 0.04 0.05 1/497 11947\n");
  writeFileSync(join(root, "proc/empty"), "");
  symlinkSync("net:[4026531840]", join(root, "proc/namespace"));
});
afterAll(() => rmSync(root, { recursive: true }));

test("a file below the root is read whole", async () => {
  const { readText } = createTextFiles(root);
  expect(await readText("/proc/loadavg")).toBe("0.02 0.04 0.05 1/497 11947\n");
  expect(await readText("/proc/empty")).toBe("");
});

test("a kernel file that claims to be empty and is longer than a page is read whole", async () => {
  const text = await createTextFiles("/").readText("/proc/self/smaps");
  expect(text?.length).toBeGreaterThan(4096);
  expect(text).toEndWith("\n");
});

test("a missing file is undefined, a missing folder empty", async () => {
  const { readText, list, readLink } = createTextFiles(root);
  expect(await readText("/proc/stat")).toBeUndefined();
  expect(await readText("/proc/loadavg/below-a-file")).toBeUndefined();
  expect(await list("/sys/class/thermal")).toEqual([]);
  expect(await list("/proc/loadavg")).toEqual([]);
  expect(await readLink("/proc/self")).toBeUndefined();
});

test("names are sorted", async () => {
  expect(await createTextFiles(root).list("/proc")).toEqual(["empty", "loadavg", "namespace", "net"]);
});

test("a link is returned, not followed; anything else is undefined", async () => {
  const { readLink } = createTextFiles(root);
  expect(await readLink("/proc/namespace")).toBe("net:[4026531840]");
  expect(await readLink("/proc/loadavg")).toBeUndefined();
});

test("reading a directory rejects and names the whole path", async () => {
  await expect(createTextFiles(root).readText("/proc/net")).rejects.toThrow(
    `cannot read ${root}/proc/net: it is a directory`,
  );
});

test("a file that may not be read rejects and names the whole path", async () => {
  const locked = join(root, "locked");
  writeFileSync(locked, "secret");
  mkdirSync(join(root, "closed"));
  chmodSync(locked, 0);
  chmodSync(join(root, "closed"), 0);
  const program = `
    const { createTextFiles } = await import(${JSON.stringify(join(import.meta.dir, "../../src/io/text-file.ts"))});
    const files = createTextFiles(${JSON.stringify(root)});
    if (process.getuid() === 0) process.setuid(65534);
    for (const attempt of [files.readText("/locked"), files.list("/closed")]) await attempt.catch((e) => console.log(e.message));
  `;
  chmodSync(root, 0o755);
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  expect(await child.stdout.text()).toBe(
    `cannot read ${root}/locked: permission denied\ncannot read ${root}/closed: permission denied\n`,
  );
});
