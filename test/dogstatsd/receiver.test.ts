import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cases } from "./cases.ts";
import { NOW, setUp } from "./receiver-rig.ts";

/** What came of the lines, each in a packet of its own, and then all of them again: now their shapes are known. */
function received(lines: readonly (string | Buffer)[], options = {}) {
  const { receive, counter, found } = setUp(options);
  for (const line of [...lines, ...lines]) receive(line);
  return { found: found().sort(), traffic: counter.traffic };
}

describe("a receiver", () => {
  test.each<[string, string[]]>([
    ["a:3|c", ["count a @1656581400 = 6"]],
    ["a:3|c|@0.5", ["count a @1656581400 = 12"]],
    ["a:1:2|c", ["count a @1656581400 = 6"]],
    ["a:3|g", ["gauge a @1656581400 = 3"]],
    ["a:1:2|g", ["gauge a @1656581400 = 2"]],
    ["a:-3.5|g|#b:1,c", ["gauge a b:1 c @1656581400 = -3.5"]],
    ["a:+4|g", ["gauge a @1656581400 = 4"]],
    ["a:3|h", ["histogram a @1656581400 = 3,3"]],
    ["a:3|ms|@0.1", ["histogram a @1656581400 = 3,3 x 10,10"]],
    ["a:x:y|s", ["set a @1656581400 = 1"]],
    ["a:3|c|T1656581390", ["count a @1656581390 = 6"]],
    ["a:3|c|T1999999999", ["count a @1656581400 = 6"]],
    ["a:3|c\r\nb:1|c\n", ["count a @1656581400 = 6", "count b @1656581400 = 2"]],
    ["a b:3|c|#dd.internal.entity_id:pod,ü", ["count a_b ü @1656581400 = 6"]],
    ["a:3|c|#x|c:in-5891|e:it-false,cn-app|card:low", ["count a x @1656581400 = 6"]],
    ["datadog.dogstatsd.client.metrics:20|c", []],
  ])("takes %j twice", (line, expected) => {
    const { found, traffic } = received([line]);
    expect(found).toEqual(expected);
    expect(traffic).toMatchObject({ packets: 2, malformed: {}, dropped: {} });
  });

  test.each([
    ["a:b|c", "metric"],
    ["_e{1}:a", "event"],
    ["_sc|a|9", "check"],
    ["1:3|c", "name"],
    ["a:1e300|c", "value"],
    ["a:NaN|g", "metric"],
    [Buffer.from([0x61, 0xff]), "encoding"],
  ])("counts %p as malformed because of its %s", (line, reason) => {
    const { found, traffic } = received([line]);
    expect({ found, malformed: traffic.malformed }).toEqual({ found: [], malformed: { [reason]: 2 } });
    expect(traffic.lastMalformed).toBe(line.toString("latin1"));
  });

  test.each([["a:3|c|T1656560000", "expired"]])("counts %p as dropped: %s", (line, reason) => {
    const { found, traffic } = received([line]);
    expect({ found, dropped: traffic.dropped }).toEqual({ found: [], dropped: { [reason]: 2 } });
  });

  test("hands events and service checks on, without the tags that only the Agent reads", () => {
    const { receive, others } = setUp();
    receive("_e{1,1}:a|b|#x,dd.internal.entity_id:y\n_sc|a|2|m:c");
    expect(others).toEqual([
      { title: "a", text: "b", tags: ["x"] },
      { name: "a", status: 2, message: "c", tags: [] },
    ]);
  });

  test("names the metric with most lines beyond MAX_SERIES", () => {
    const { receive, counter, found } = setUp({ maxSeries: 1 });
    for (const line of ["a:1|c", "b:1|c|#x:1", "c:1|c", "b:1|c|#x:2", "a:1|c"]) receive(line);
    expect(found()).toEqual(["count a @1656581400 = 2"]);
    expect(counter.traffic).toMatchObject({ dropped: { series: 3 }, worst: { metric: "b", lines: 2 } });
  });

  test("no longer parses lines of new series beyond MAX_SERIES once there were many, until the next windows", () => {
    const { receive, counter, found } = setUp({ maxSeries: 1, shapes: 2 });
    for (const line of ["a:1|c", "b:1|c", "c:1|c", "d:1|c", "d:1|x", "a:2|c"]) receive(line);
    expect(found()).toEqual(["count a @1656581400 = 3"]);
    expect(counter.traffic).toMatchObject({ malformed: {}, dropped: { series: 4 } });
    receive("d:1|x");
    expect(counter.traffic.malformed).toEqual({ metric: 1 });
  });

  test("adds to the next window after the last one was taken, and after its time is over", () => {
    let now = NOW;
    const { receive, found } = setUp({ now: () => now });
    receive("a:1|c");
    receive("a:2|c");
    now += 10;
    receive("a:3|c");
    expect(found()).toEqual(["count a @1656581400 = 3", "count a @1656581410 = 3"]);
    receive("a:4|c");
    expect(found().at(-1)).toBe("count a @1656581410 = 4");
  });

  test("takes the captured lines as the exact parser does", () => {
    const lines = cases.map(({ datagram }) => Buffer.from(datagram));
    expect(received(lines)).toEqual(received(lines, { shapes: 0 }));
  });
});

/** Pieces of lines, right and wrong, of which many together are nearly a line. */
const piece = fc.constantFrom(
  ..."a b a.b :|@#,-+.0123456789eE_xpT".split(""),
  ..."|c |g |h |ms |s |d |@0.5 |@1e-300 |#a:1 |#a:1,b :1 :2.50 :-7 1e5 999999999999999 0.1 T16 \r \n _e{ ü".split(
    " ",
  ),
);
const plausible = fc
  .tuple(
    fc.constantFrom("a", "b.c", "", "ü"),
    fc.oneof(fc.integer().map(String), fc.double().map(String), fc.stringMatching(/^[-+.0-9e]{0,18}$/)),
    fc.constantFrom("|c", "|g", "|h", "|ms", "|s", "|x"),
    fc.constantFrom("", "|@0.1", "|@3", "|#t:1,u", "|#t:1|@0.25", "|T1656581399", "|c:in-1", "\r", "\r\r"),
  )
  .map((parts) => parts.join(""));
const line = fc.oneof(
  { weight: 3, arbitrary: plausible },
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
);

test("the cache of shapes agrees with the exact parser on any lines", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
      const packets = [lines.join("\n"), ...lines];
      expect(received(packets)).toEqual(received(packets, { shapes: 0 }));
    }),
    { numRuns: 3000 },
  );
});
