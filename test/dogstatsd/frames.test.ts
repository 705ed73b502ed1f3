import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createFrames } from "../../src/dogstatsd/frames.ts";

/** Gives the chunks of one connection; returns the packets, what was malformed, and what is pending before the end. */
function read(chunks: readonly Buffer[]) {
  const packets: string[] = [];
  const malformed: string[] = [];
  const frames = createFrames({
    packet: (packet) => packets.push(packet.toString()),
    malformed: (what) => malformed.push(what),
  });
  const open = chunks.every((chunk) => frames.push(chunk));
  const pending = frames.pending();
  if (open) frames.end();
  return { packets, malformed, open, pending };
}

function frame(text: string, length = Buffer.byteLength(text)): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(length);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe("a stream", () => {
  test("of frames gives their packets, an empty one none", () => {
    const bytes = Buffer.concat([frame("a:1|c\nb:2|c"), frame(""), frame("c:3|c")]);
    expect(read([bytes])).toEqual({
      packets: ["a:1|c\nb:2|c", "c:3|c"],
      malformed: [],
      open: true,
      pending: 0,
    });
  });

  test("of lines gives them, the last one without a line break at the end", () => {
    expect(read([Buffer.from("a:1|c\nb:2|c\nc:3|"), Buffer.from("c")])).toEqual({
      packets: ["a:1|c\nb:2|c", "c:3|c"],
      malformed: [],
      open: true,
      pending: 5,
    });
  });

  test.each([
    ["4 GB", 0xffff_fff0],
    ["more than a datagram", 65_537],
  ])("with a frame of %s is closed, and nothing is kept", (_, length) => {
    const { packets, malformed, open, pending } = read([frame("a:1|c"), frame("b", length)]);
    expect({ packets, open, pending }).toEqual({ packets: ["a:1|c"], open: false, pending: 0 });
    expect(malformed).toEqual([`a frame of ${length} bytes`]);
  });

  test("with a line without an end is closed", () => {
    const { malformed, open, pending } = read([Buffer.alloc(40_000, "a"), Buffer.alloc(40_000, "a")]);
    expect({ malformed: malformed.length, open, pending }).toEqual({ malformed: 1, open: false, pending: 0 });
  });

  test("that ends within a frame is malformed", () => {
    expect(read([frame("a:1|c").subarray(0, 7)]).malformed).toEqual(["a frame that ends after 7 bytes"]);
  });

  test("gives the same packets however it is cut", () => {
    const texts = fc.array(fc.stringMatching(/^[a-z]{1,9}:\d\|c$/), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(texts, fc.boolean(), fc.array(fc.nat(60)), (list, framed, cuts) => {
        const bytes = framed
          ? Buffer.concat(list.map((text) => frame(text)))
          : Buffer.from(`${list.join("\n")}\n`);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(chunks).packets.join("\n").split("\n")).toEqual(list);
      }),
    );
  });
});
