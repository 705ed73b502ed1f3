import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Datagram, parseDatagram } from "../../src/dogstatsd/datagram.ts";
import { cases } from "./cases.ts";

describe("a datagram on which public parsers agree", () => {
  for (const { name, datagram, expected } of cases.filter(({ ambiguous }) => !ambiguous))
    test(name, () => expect(parseDatagram(datagram)).toEqual(expected));
});

/** Decisions, each with the captured datagrams that it decides. */
const decisions: Record<string, string[]> = {
  "a field of an event or a check that makes no sense is left out, the rest kept": [
    "_e{5,4}:title|text|d:abc",
    "_e{5,4}:title|text|t:test",
    "_e{5,4}:title|text|x:1234",
    "_e{3,3}:foo|bar||",
    "_sc|agent.up|0|d:some_time",
  ],
  "title and text of an event must be parted by a pipe: other bytes mean that the lengths are wrong": [
    "_e{1,1}:a:b",
  ],
  "a name is taken as received, whatever is in it": [
    "smp/gge:1|g",
    "smp,gge$:1|g",
    "foo/how@ever baz:1|c|#tag1,tag2:value",
    "foo,tag1=bar,tag2=baz:100|c",
    "foo.[tag1=bar,tag2=baz]test:100|c",
  ],
  "an empty or unknown field of a metric is passed over": [
    "new.last.prefix:1|g|#,,|c:xyz|x:",
    "new.last.colon:1|g|#|c:xyz|:",
    "new.first.empty:1|g||#,|c:xyz",
    "new.mid.prefix:1|g|#,,|x:|c:xyz",
    "new.mid.colon:1|g|#|:|c:xyz",
    "foo:1|c|",
    "foo:1|c||",
    "foo:100|c|#tag1:value|c:",
  ],
  "a metric without a value is malformed": ["a.packing:|ms|#|:|c:xyz"],
  "a signed gauge is an absolute value, never a step": ["gaugor:-4|g"],
  "a second # within the tags stays where it is": ["foo:0.01|d|@0.2|#tag1:bar,#tag2:baz"],
  "of a repeated field the last counts": ["foo:1|c|@0.5|@0.2", "foo:1|c|#foo|#bar"],
  "a rate of 0 reads as 1": ["bar:2|c|@0"],
  "a rate that is not a number makes the line malformed": ["foo:1|c|@bar", "invalid.sample.rate.2:45|c|@foo"],
  "a time that is not a number makes the line malformed": ["foo:100|c|#tag:val|Tnot-a-ts"],
  // In latin1, one character for each byte.
  "a line that is not UTF-8 is malformed": ["foo:100|c|@0.1|#tag:\xC3(invalid"],
};

/** Captured as malformed; here it counts as 1, like every number outside (0, 1], so that the value is not lost. */
const NEGATIVE_RATE = "foo:1|c|@-0.1";

describe("a datagram on which public parsers disagree", () => {
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  const captured = (datagram: string) => cases.find((each) => latin1(each.datagram) === datagram);

  for (const [decision, datagrams] of Object.entries(decisions))
    test(decision, () => {
      for (const datagram of datagrams) {
        const { datagram: bytes, expected } = captured(datagram) ?? expect.unreachable(datagram);
        expect(parseDatagram(bytes)).toEqual(expected);
      }
    });

  test("a negative rate reads as 1", () => {
    expect(parseDatagram(NEGATIVE_RATE)).toEqual({
      ...nothing,
      metrics: [{ metric: "foo", type: "c", values: [1], rate: 1, tags: [], lost: 0 }],
    });
  });

  test("every captured disagreement is decided above", () => {
    const decided = [...Object.values(decisions).flat(), NEGATIVE_RATE].sort();
    const ambiguous = cases.filter((each) => each.ambiguous).map((each) => latin1(each.datagram));
    expect(ambiguous.sort()).toEqual(decided);
  });
});

describe("a datagram of several lines", () => {
  test("loses only its malformed lines", () => {
    const datagram = "a:1|c\nnonsense\n_e{9,9}:short\n_sc|db|7\nb:2|g\n_sc|db|1\n_e{1,1}:t|x";
    expect(parseDatagram(datagram)).toEqual({
      metrics: [
        { metric: "a", type: "c", values: [1], rate: 1, tags: [], lost: 0 },
        { metric: "b", type: "g", values: [2], rate: 1, tags: [], lost: 0 },
      ],
      events: [{ title: "t", text: "x", tags: [] }],
      checks: [{ name: "db", status: 1, tags: [] }],
      malformed: 3,
    });
  });

  test("loses only the line with bytes that are not UTF-8", () => {
    const datagram = Buffer.concat([Buffer.from("a:1|c|#x:"), Buffer.of(0xff), Buffer.from("\nb:2|g\n")]);
    expect(parseDatagram(datagram)).toEqual({
      ...nothing,
      metrics: [{ metric: "b", type: "g", values: [2], rate: 1, tags: [], lost: 0 }],
      malformed: 1,
    });
  });

  test("may have a carriage return before each line feed", () => {
    expect(parseDatagram("a:x|s\r\nb:y\r|s\r\r\n\r\n")).toEqual({
      ...nothing,
      metrics: [{ metric: "a", type: "s", values: "x", rate: 1, tags: [], lost: 0 }],
      malformed: 1,
    });
  });

  test("may have empty lines, or be empty", () => {
    expect(parseDatagram("\n\r\n\n")).toEqual(nothing);
    expect(parseDatagram("")).toEqual(nothing);
    expect(parseDatagram(new Uint8Array())).toEqual(nothing);
  });

  test("has a service check where a line begins like one, even if it looks like a metric", () => {
    expect(parseDatagram("_scan.time:5|c")).toEqual({ ...nothing, malformed: 1 });
  });

  test("counts the values left out of a packed line", () => {
    const { metrics, malformed } = parseDatagram("a:1:NaN:2:inf|h");
    expect({ values: metrics.map((sample) => sample.values), malformed }).toEqual({
      values: [[1, 2]],
      malformed: 2,
    });
  });
});

describe("the parser of datagrams", () => {
  /** Text that passes the first checks of a parser much more often than random text. */
  const pieces = fc.constantFrom(
    ..."a : | # @ T , 1 .5 -1 1e999 NaN g c ms s h \n \r _e{ _sc 1,1} \\n m: d: é ♬ \uFEFF".split(" "),
  );
  const plausible = fc.array(pieces, { maxLength: 30 }).map((list) => list.join(""));
  const text = fc.oneof(plausible, fc.string({ unit: "binary" }), fc.constantFrom(...cases).map(textOf));

  test("never throws, and accounts for each line that is not empty", () => {
    fc.assert(
      fc.property(fc.oneof(text, text.map(utf8), fc.uint8Array({ maxLength: 200 })), (datagram) => {
        const bytes = typeof datagram === "string" ? utf8(datagram) : datagram;
        const lines = Buffer.from(bytes).toString("latin1").split("\n");
        const full = lines.filter((line) => line !== "" && line !== "\r").length;
        expect(accountedLines(parseDatagram(datagram))).toBe(full);
      }),
      { numRuns: 2000 },
    );
  });

  test("accounts for every line of a captured datagram cut at any byte", () => {
    for (const { datagram } of cases)
      for (let end = 0; end < datagram.length; end++) {
        const cut = datagram.subarray(0, end);
        const lines = Buffer.from(cut).toString("latin1").split("\n");
        expect(accountedLines(parseDatagram(cut))).toBe(lines.filter((line) => line !== "").length);
      }
  });

  test("parses lines independently: parse(a + newline + b) = parse(a) + parse(b)", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(parseDatagram(`${a}\n${b}`)).toEqual(sum(parseDatagram(a), parseDatagram(b)));
      }),
      { numRuns: 1000 },
    );
  });

  test("has the same result for text and for its bytes", () => {
    fc.assert(
      fc.property(text, (datagram) => {
        expect(parseDatagram(utf8(datagram))).toEqual(parseDatagram(datagram));
      }),
    );
  });

  test("returns only finite values, rates within (0, 1] and valid times", () => {
    fc.assert(
      fc.property(text, (datagram) => {
        for (const { values, rate, timestamp = 1, metric } of parseDatagram(datagram).metrics) {
          if (typeof values !== "string")
            expect(values.map((value) => value / rate).every(Number.isFinite)).toBe(true);
          expect(values.length > 0 && metric !== "" && rate > 0 && rate <= 1).toBe(true);
          expect(Number.isSafeInteger(timestamp) && timestamp >= 1).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const nothing: Datagram = { metrics: [], events: [], checks: [], malformed: 0 };

function accountedLines({ metrics, events, checks, malformed }: Datagram): number {
  const lost = metrics.reduce((total, sample) => total + sample.lost, 0);
  return metrics.length + events.length + checks.length + malformed - lost;
}

function sum(a: Datagram, b: Datagram): Datagram {
  return {
    metrics: [...a.metrics, ...b.metrics],
    events: [...a.events, ...b.events],
    checks: [...a.checks, ...b.checks],
    malformed: a.malformed + b.malformed,
  };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf({ datagram }: { datagram: Uint8Array }): string {
  return Buffer.from(datagram).toString("utf8");
}
