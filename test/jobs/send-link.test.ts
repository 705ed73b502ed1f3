import { expect, test } from "bun:test";
import { afterOutage, type Outage } from "../../scripts/servers/outage.ts";

/** Twenty minutes offline, with ten series, and one release over real sockets; `scripts/bench.sh link` takes three days. */
const SHORT = { seconds: 1200, series: 10, releases: 1, factor: 40, bytesPerSecond: 1000 } as const;

test("over a link of 1 kB/s all live points arrive with the first release after an outage, whatever happens to a request", async () => {
  const faults: Outage["fault"][] = [
    undefined,
    (request) => (request === 1 ? "reset" : undefined),
    (request) => (request === 1 ? "lost answer" : undefined),
  ];
  const results = await Promise.all(
    faults.map((fault) => afterOutage({ ...SHORT, ...(fault !== undefined && { fault }) })),
  );
  const asked = results.map(({ releases: [first], conflicts }) => [first?.liveMissing, conflicts]);
  expect(asked).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  const [whole] = results;
  expect(whole?.sent).toBe(whole?.arrived);
});
