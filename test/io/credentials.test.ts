import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCredential } from "../../src/io/credentials.ts";

function scratch() {
  const path = mkdtempSync(join(tmpdir(), "credentials-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function codeOf(path: string): unknown {
  try {
    readCredential(path);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "no error";
}

describe("readCredential", () => {
  test("returns the whole text, also through links as Kubernetes mounts them", () => {
    using folder = scratch();
    const file = join(folder.path, "key");
    writeFileSync(file, "kéy\n", { mode: 0o400 });
    symlinkSync(file, join(folder.path, "link"));
    expect(readCredential(file)).toBe("kéy\n");
    expect(readCredential(join(folder.path, "link"))).toBe("kéy\n");
  });

  test("reads 64 KiB and not a byte more", () => {
    using folder = scratch();
    const file = join(folder.path, "key");
    writeFileSync(file, "k".repeat(65_536));
    expect(readCredential(file)).toHaveLength(65_536);
    writeFileSync(file, "k".repeat(65_537));
    expect(codeOf(file)).toBe("EFBIG");
    expect(codeOf("/dev/zero")).toBe("EFBIG");
  });

  test("reads a pipe, however late its writer comes", async () => {
    using folder = scratch();
    const pipe = join(folder.path, "pipe");
    await Bun.$`mkfifo ${pipe}`;
    const writer = Bun.spawn(["sh", "-c", `sleep 0.2; exec > ${pipe}; printf k; sleep 0.2; printf ey`]);
    expect(readCredential(pipe)).toBe("key");
    await writer.exited;
  });

  test("gives up a pipe without a writer", async () => {
    using folder = scratch();
    const pipe = join(folder.path, "pipe");
    await Bun.$`mkfifo ${pipe}`;
    expect(codeOf(pipe)).toBe("ENODATA");
  });

  test("returns empty text for an empty file", () => {
    expect(readCredential("/dev/null")).toBe("");
  });

  test("throws with the system's code when the file cannot be read", () => {
    using folder = scratch();
    expect(codeOf(join(folder.path, "none"))).toBe("ENOENT");
    expect(codeOf(folder.path)).toBe("EISDIR");
    expect(codeOf("/dev/null/key")).toBe("ENOTDIR");
  });
});
