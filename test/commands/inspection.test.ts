import { describe, expect, test } from "bun:test";
import { ALL_QUEUES } from "../../src/storage/storage.ts";
import { filled, LOGS, NOW, RAW, raw, setUp } from "./inspect-rig.ts";

describe("inspect-queue shows", () => {
  test("empty queues", async () => {
    const { call } = setUp();
    expect(await call()).toMatchObject({
      code: 0,
      printed: `agent          none answers at /var/lib/chouette/agent.sock: it does not run, or belongs to another user. To start it: sudo systemctl start chouette, or chouette run; why it ended: sudo journalctl -u chouette -n 20
last delivery  none yet
storage        sqlite /var/lib/chouette/chouette.db

QUEUE                     RECORDS  BYTES  OLDEST  NEWEST  EXPIRING  MALFORMED
chouette:metrics:raw            0    0 B       -       -         -          0
chouette:metrics:wrapped        0    0 B       -       -         -          0
chouette:logs:wrapped           0    0 B       -       -         -          0
`,
    });
  });

  test("queues with raw metrics, points and rejected records", async () => {
    const { call } = await filled();
    expect(await call()).toMatchObject({
      code: 0,
      printed: `agent          none answers at /var/lib/chouette/agent.sock: it does not run, or belongs to another user. To start it: sudo systemctl start chouette, or chouette run; why it ended: sudo journalctl -u chouette -n 20
last delivery  1 min 1 s ago: held: the API key is not valid
storage        sqlite /var/lib/chouette/chouette.db

QUEUE                          RECORDS  BYTES      OLDEST      NEWEST  EXPIRING  MALFORMED
chouette:metrics:raw                 4  238 B  1 min 35 s         2 s       0 %          1
chouette:metrics:wrapped             1   65 B  3 h 53 min  3 h 53 min     100 %          0
chouette:logs:wrapped                0    0 B           -           -         -          0
chouette:metrics:raw:rejected        1   58 B     2 d 7 h     2 d 7 h       0 %          0

chouette:metrics:raw, most frequent
  COUNT  NAME
      2  my.count
      1  b

chouette:metrics:wrapped, most frequent
  COUNT  NAME
      1  a

chouette:metrics:raw:rejected, most frequent
  COUNT  NAME
      1  it is not a record of this queue
`,
    });
  });

  test("one queue and its first records", async () => {
    const { call } = await filled();
    expect((await call({ queues: [RAW], peek: 1 })).lines.slice(4)).toEqual([
      "QUEUE                 RECORDS  BYTES      OLDEST  NEWEST  EXPIRING  MALFORMED",
      "chouette:metrics:raw        4  238 B  1 min 35 s     2 s       0 %          1",
      "",
      "chouette:metrics:raw, most frequent",
      "  COUNT  NAME",
      "      2  my.count",
      "      1  b",
      "",
      "chouette:metrics:raw, oldest first",
      `{"key":"key-0","at":${NOW - 95},"bytes":79,"value":${JSON.stringify(raw("my.count"))}}`,
      "",
    ]);
  });

  test("the queues of rejected records on request, also when they are empty", async () => {
    const { call } = await filled();
    const lines = (await call({ queues: ALL_QUEUES.filter((queue) => queue.endsWith("rejected")) })).lines;
    expect(lines.slice(4, 8).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ["QUEUE", "RECORDS"],
      ["chouette:metrics:raw:rejected", "1"],
      ["chouette:metrics:wrapped:rejected", "0"],
      ["chouette:logs:wrapped:rejected", "0"],
    ]);
  });

  test("records without control characters and cut to a readable length", async () => {
    const { call, add } = setUp();
    await add(LOGS, [1, { service: "\u001b[2J\u009bgone" }], [0, "x".repeat(3000)]);
    const { printed, lines } = await call({ queues: [LOGS], peek: 2 });
    expect(printed.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(lines.at(-3)).toContain('"value":{"service":"\\u001b[2J\\u009bgone"}');
    expect(lines.at(-2)).toMatch(/x… \(1055 more characters.*--json.*\)$/);
  });

  test("an estimate from the oldest records of a long queue", async () => {
    const { call, add } = setUp();
    const records = Array.from({ length: 10_001 }, (_, n): [number, unknown] => [20_000 - n, raw("a")]);
    await add(RAW, ...records, [0, "nonsense"], [0, raw("b")]);
    expect((await call({ queues: [RAW] })).lines.slice(5, 9)).toEqual([
      expect.stringMatching(/^chouette:metrics:raw {4}10003 {2}~720\.2 kB .* ~0$/),
      "",
      "chouette:metrics:raw, most frequent (of the 10000 oldest)",
      "  COUNT  NAME",
    ]);
  });
});
