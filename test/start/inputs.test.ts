import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import { createLogger } from "../../src/log/log.ts";
import { createInputs } from "../../src/start/inputs.ts";
import { load } from "../config/load.ts";
import { testClock } from "../helpers/clock.ts";

test("a dry run beside the service, which has the port, does not warn", async () => {
  const service = createSocket("udp4").bind(0, "127.0.0.1");
  await once(service, "listening");
  const logged: unknown[] = [];
  const log = createLogger({
    level: "info",
    stream: { write: (line) => void logged.push(JSON.parse(line)) },
    format: "json",
    color: false,
    secrets: [],
  });
  const none = { udp: undefined, datagram: undefined };
  const answers = {
    health: (): never => {
      throw new Error("nobody asks");
    },
    status: () => undefined,
  };
  const inputs = createInputs(testClock(1_000_000), none, true, answers);
  const port = { number: service.address().port, given: false };
  const dogstatsd = { port, nonLocal: false, buffer: undefined, stream: undefined, datagram: undefined };
  const live = liveWindows({ interval: 10, keeps: undefined, maxSeries: 10 });
  await inputs.use({
    config: { ...load({}), dogstatsd },
    log,
    live,
    storage: { commit: async () => {} },
  });
  expect(logged).toEqual([expect.objectContaining({ level: "info", msg: expect.stringContaining("port") })]);
  await inputs.close();
  service.close();
});
