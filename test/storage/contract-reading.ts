import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Storage } from "../../src/storage/storage.ts";
import { ALL, add, peekKeys, RAW, type Rig, record, WRAPPED } from "./rig.ts";

/** Tests of peek, size, stamps and note. */
export function testReading(rig: () => Rig): void {
  let storage: Storage;
  beforeEach(() => {
    storage = rig().storage;
  });

  describe("peek", () => {
    test("returns [] for an empty queue", async () => {
      expect(await storage.peek(RAW, ALL)).toEqual([]);
    });

    test("returns records by time, then by key, and removes nothing", async () => {
      await add(storage, RAW, record("b", 2), record("c", 1), record("a", 2), record("d", -1.5));
      const expected = [
        { key: "d", at: -1.5, body: '"d"', bytes: 3 },
        { key: "c", at: 1, body: '"c"', bytes: 3 },
        { key: "a", at: 2, body: '"a"', bytes: 3 },
        { key: "b", at: 2, body: '"b"', bytes: 3 },
      ];
      expect(await storage.peek(RAW, ALL)).toEqual(expected);
      expect(await storage.peek(RAW, ALL)).toEqual(expected);
      expect(await storage.peek(WRAPPED, ALL)).toEqual([]);
    });

    test("orders keys of the same time by their UTF-8 bytes", async () => {
      const keys = ["Z", "a", "aa", "é", "\uffee", "😀"];
      await add(storage, RAW, ...keys.toReversed().map((key) => record(key, 1)));
      expect(await peekKeys(storage, RAW)).toEqual(keys);
    });

    test("returns at most `limit` records", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2), record("c", 3));
      expect(await peekKeys(storage, RAW, { limit: 2 })).toEqual(["a", "b"]);
    });

    test("stops before the bodies exceed maxBytes in total", async () => {
      await add(storage, RAW, record("a", 1, "12345"), record("b", 2, "12345"), record("c", 3, "1"));
      expect(await peekKeys(storage, RAW, { maxBytes: 11 })).toEqual(["a", "b", "c"]);
      expect(await peekKeys(storage, RAW, { maxBytes: 10 })).toEqual(["a", "b"]);
      expect(await peekKeys(storage, RAW, { maxBytes: 9 })).toEqual(["a"]);
    });

    test("always returns one record, even over maxBytes", async () => {
      await add(storage, RAW, record("a", 1, "12345"), record("b", 2, "1"));
      expect(await peekKeys(storage, RAW, { maxBytes: 0 })).toEqual(["a"]);
    });

    test("returns the size but not the body of a value over maxBody, and continues", async () => {
      await add(storage, RAW, record("a", 1, "éé"), record("b", 2, "123"), record("c", 3, ""));
      expect(await storage.peek(RAW, { ...ALL, maxBody: 3, maxBytes: 3 })).toEqual([
        { key: "a", at: 1, body: undefined, bytes: 4 },
        { key: "b", at: 2, body: "123", bytes: 3 },
        { key: "c", at: 3, body: "", bytes: 0 },
      ]);
    });

    test("returns only records with from <= at < before", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2), record("c", 3));
      expect(await peekKeys(storage, RAW, { from: 2 })).toEqual(["b", "c"]);
      expect(await peekKeys(storage, RAW, { before: 3 })).toEqual(["a", "b"]);
      expect(await peekKeys(storage, RAW, { from: 2, before: 3 })).toEqual(["b"]);
      expect(await peekKeys(storage, RAW, { from: 2.0000001, before: 2.9 })).toEqual([]);
    });

    test("continues after a record, whether that is still there or not", async () => {
      await add(
        storage,
        RAW,
        record("b", 1),
        record("a", 2),
        record("b2", 2),
        record("é", 2),
        record("c", 3),
      );
      expect(await peekKeys(storage, RAW, { after: { at: 1, key: "b" } })).toEqual(["a", "b2", "é", "c"]);
      expect(await peekKeys(storage, RAW, { after: { at: 2, key: "b2" }, limit: 1 })).toEqual(["é"]);
      expect(await peekKeys(storage, RAW, { after: { at: 2, key: "b1" } })).toEqual(["b2", "é", "c"]);
      expect(await peekKeys(storage, RAW, { after: { at: 2, key: "é" }, before: 3 })).toEqual([]);
      expect(await peekKeys(storage, RAW, { after: { at: 1, key: "b" }, from: 3 })).toEqual(["c"]);
      expect(await peekKeys(storage, RAW, { after: { at: 3, key: "c" }, from: 1 })).toEqual([]);
    });

    test("continues after a record where more records than `limit` have its time", async () => {
      const keys = Array.from({ length: 25 }, (_, index) => `k${index + 10}`);
      await add(storage, RAW, ...keys.map((key) => record(key, 5)));
      const read: string[] = [];
      for (;;) {
        const after = { at: 5, key: read.at(-1) ?? "" };
        const portion = await peekKeys(storage, RAW, { limit: 4, after });
        if (portion.length === 0) break;
        read.push(...portion);
      }
      expect(read).toEqual(keys);
    });

    test("returns the newest records first, in the opposite order", async () => {
      await add(storage, RAW, record("b", 2), record("c", 1), record("a", 2), record("é", 2), record("d", 3));
      const newestFirst = true as const;
      expect(await peekKeys(storage, RAW, { newestFirst })).toEqual(["d", "é", "b", "a", "c"]);
      expect(await peekKeys(storage, RAW, { newestFirst, limit: 2 })).toEqual(["d", "é"]);
      expect(await peekKeys(storage, RAW, { newestFirst, before: 3, limit: 2 })).toEqual(["é", "b"]);
      expect(await peekKeys(storage, RAW, { newestFirst, from: 2, before: 3 })).toEqual(["é", "b", "a"]);
      expect(await peekKeys(storage, RAW, { newestFirst, maxBytes: 8 })).toEqual(["d", "é"]);
      expect(await peekKeys(storage, RAW, { newestFirst, from: 4 })).toEqual([]);
    });

    test("returns the newest records first also where more than `limit` have one time", async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index + 100}`);
      await add(storage, RAW, ...keys.map((key) => record(key, 5)));
      expect(await peekKeys(storage, RAW, { newestFirst: true, limit: 70 })).toEqual(
        keys.toReversed().slice(0, 70),
      );
    });

    test("can be interrupted and called again while records change", async () => {
      await add(storage, RAW, record("a", 1), record("b", 2), record("c", 3));
      expect(await peekKeys(storage, RAW, { maxBytes: 1 })).toEqual(["a"]);
      await storage.commit({ remove: [{ queue: RAW, keys: ["a"] }] });
      expect(await peekKeys(storage, RAW, { maxBytes: 1 })).toEqual(["b"]);
    });
  });

  describe("records come back as they were written", () => {
    test("any finite time, exactly", async () => {
      await fc.assert(
        fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (at) => {
          await add(storage, RAW, record("k", at));
          expect((await storage.peek(RAW, ALL))[0]?.at).toBe(at + 0);
        }),
        {
          numRuns: 50,
          examples: [[-0], [0.1 + 0.2], [1591541270.9912345], [5e-324], [1.7976931348623157e308]],
        },
      );
    });

    test("any text as key and as body", async () => {
      const text = fc.string({ unit: "binary", minLength: 1 });
      await fc.assert(
        fc.asyncProperty(text, text, async (key, body) => {
          await add(storage, RAW, { key, at: 1, body });
          expect(await storage.peek(RAW, ALL)).toEqual([
            { key, at: 1, body, bytes: Buffer.byteLength(body) },
          ]);
          await storage.commit({ remove: [{ queue: RAW, keys: [key] }] });
          expect(await storage.peek(RAW, ALL)).toEqual([]);
        }),
        {
          numRuns: 50,
          examples: [
            ["a\0b", "x\0\u00e9😀\r\n"],
            // In UTF-16 this begins like the encoding of Redis keys that are not UTF-8.
            ["\u{102a7}", "x"],
          ],
        },
      );
    });

    test("bodies of a megabyte", async () => {
      const body = `"${"é".repeat(500_000)}"`;
      await add(storage, RAW, record("a", 1, body), record("b", 2, body));
      expect(await storage.peek(RAW, ALL)).toEqual([
        { key: "a", at: 1, body, bytes: 1_000_002 },
        { key: "b", at: 2, body, bytes: 1_000_002 },
      ]);
      expect(await peekKeys(storage, RAW, { maxBytes: 1_999_999 })).toEqual(["a"]);
    });
  });

  describe("size", () => {
    test("counts records with from <= at < before and returns the ends of the whole queue", async () => {
      await add(storage, RAW, record("a", 1.5), record("b", 2), record("c", 3), record("d", 4));
      const ends = { oldest: 1.5, newest: 4 };
      expect(await storage.size(RAW)).toEqual({ count: 4, ...ends });
      expect(await storage.size(RAW, {})).toEqual({ count: 4, ...ends });
      expect(await storage.size(RAW, { from: 2 })).toEqual({ count: 3, ...ends });
      expect(await storage.size(RAW, { before: 3 })).toEqual({ count: 2, ...ends });
      expect(await storage.size(RAW, { from: 2, before: 4 })).toEqual({ count: 2, ...ends });
      expect(await storage.size(RAW, { from: 5 })).toEqual({ count: 0, ...ends });
    });
  });

  describe("stamps", () => {
    test("returns the seconds in [from, to), ascending, each once", async () => {
      await storage.commit({ stamps: [30, 10, 20, 9, 100] });
      await storage.commit({ stamps: [20, 1_591_541_270] });
      expect(await storage.stamps(10, 100)).toEqual([10, 20, 30]);
      expect(await storage.stamps(1_591_541_270, 1_591_541_271)).toEqual([1_591_541_270]);
      expect(await storage.stamps(11, 20)).toEqual([]);
    });

    test("keeps the latest of them", async () => {
      await storage.commit({ stamps: [3, 1, 2] });
      await storage.keepStamps(3);
      expect(await storage.stamps(0, 10)).toEqual([1, 2, 3]);
      await storage.keepStamps(2);
      expect(await storage.stamps(0, 10)).toEqual([2, 3]);
      await storage.keepStamps(0);
      expect(await storage.stamps(0, 10)).toEqual([]);
    });
  });

  describe("notes", () => {
    test("return the last text, and undefined for an unknown name", async () => {
      await storage.commit({ notes: { a: "1", "b\0": "ünï\0" } });
      await storage.commit({ notes: { a: "2" } });
      expect([await storage.note("a"), await storage.note("b\0"), await storage.note("c")]).toEqual([
        "2",
        "ünï\0",
        undefined,
      ]);
    });

    test("are found by the beginning of their names", async () => {
      await storage.commit({ notes: { "logs:b": "2", "logs:ä": "3", "log%": "0", "logs:": "1", other: "" } });
      expect(await storage.notes("logs:")).toEqual({ "logs:": "1", "logs:b": "2", "logs:ä": "3" });
      expect(await storage.notes("x")).toEqual({});
    });
  });
}
