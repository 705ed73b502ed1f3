import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type OpenFile, openFile, openShadow } from "../../../src/storage/sqlite-wasm/file.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chouette-file-"));
  path = join(dir, "file");
});
afterEach(() => rmSync(dir, { recursive: true }));

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

function read(file: OpenFile, length: number, offset: number): [number, Uint8Array] {
  const into = new Uint8Array(length);
  return [file.read(into, offset), into];
}

describe("a file", () => {
  test("that is new has the mode of the database", () => {
    writeFileSync(path, "");
    chmodSync(path, 0o640);
    const journal = openFile(`${path}-journal`, true, path);
    journal.sync();
    journal.close();
    expect(statSync(`${path}-journal`).mode & 0o777).toBe(0o640);
  });

  test("that is new is not made elsewhere, where a link in its place leads", () => {
    writeFileSync(path, "");
    symlinkSync(join(dir, "elsewhere"), `${path}-journal`);
    expect(() => openFile(`${path}-journal`, true, path)).toThrow("EEXIST");
    expect(existsSync(join(dir, "elsewhere"))).toBe(false);
  });

  test("is neither written nor read through a link in its place", () => {
    writeFileSync(join(dir, "elsewhere"), "as it was");
    symlinkSync(join(dir, "elsewhere"), path);
    for (const open of [() => openFile(path, true, path), () => openShadow(path)])
      expect(open).toThrow("ELOOP");
    expect(readFileSync(join(dir, "elsewhere"), "utf8")).toBe("as it was");
  });

  test("exists, or is refused", () => {
    expect(() => openFile(path, false, path)).toThrow("ENOENT");
  });

  test("may be larger than 4 GiB", () => {
    writeFileSync(path, "");
    const file = openFile(path, false, path);
    const far = 5 * 2 ** 30;
    file.write(bytes(4096, 7), far);
    expect([file.size(), read(file, 4096, far)]).toEqual([far + 4096, [4096, bytes(4096, 7)]]);
    expect(read(file, 8192, far)[0]).toBe(4096);
    expect(read(file, 10, far * 2)).toEqual([0, bytes(10, 0)]);
    const shadow = openShadow(path);
    shadow.write(bytes(512, 8), far + 512);
    expect(read(shadow, 1, far + 600)).toEqual([1, bytes(1, 8)]);
    shadow.close();
    file.truncate(1);
    expect(file.size()).toBe(1);
    file.close();
  });
});

describe("a shadow", () => {
  test("of a missing file is empty", () => {
    const shadow = openShadow(path);
    expect([shadow.size(), read(shadow, 4, 0)]).toEqual([0, [0, bytes(4, 0)]]);
    shadow.close();
  });

  test("reads as the file would after the same changes, changes nothing, and forgets", () => {
    const sector = fc.integer({ min: 0, max: 12 });
    const change = fc.oneof(
      fc.record({ at: sector, sectors: fc.integer({ min: 1, max: 3 }), value: fc.nat(255) }),
      fc.record({ truncate: sector }),
    );
    const look = fc.tuple(fc.nat(14 * 512), fc.integer({ min: 1, max: 2000 }));
    fc.assert(
      fc.property(fc.nat(6), fc.array(change, { maxLength: 8 }), fc.array(look), (length, changes, looks) => {
        const before = bytes(length * 512, 1);
        writeFileSync(path, before);
        writeFileSync(`${path}-changed`, before);
        const shadow = openShadow(path);
        const real = openFile(`${path}-changed`, false, path);
        for (const file of [shadow, real])
          for (const each of changes)
            if ("truncate" in each) file.truncate(each.truncate * 512);
            else {
              // A piece of the engine's memory, which holds something else a moment later.
              const memory = Buffer.alloc(each.sectors * 512, each.value);
              file.write(memory, each.at * 512);
              memory.fill(0xa5);
            }
        expect(shadow.size()).toBe(real.size());
        for (const [offset, length] of looks)
          expect(read(shadow, length, offset)).toEqual(read(real, length, offset));
        shadow.forget();
        expect([...read(shadow, before.length + 1, 0)[1].subarray(0, before.length)]).toEqual([...before]);
        real.close();
        shadow.close();
        expect(readFileSync(path).equals(before)).toBe(true);
      }),
    );
  });
});
