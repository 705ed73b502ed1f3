import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { startIntake } from "../../scripts/servers/intake.ts";
import type { Board } from "../helpers/emulated-board.ts";
import { startJetsonNano } from "../helpers/jetson-nano.ts";
import { type PublishedRelease, publishRelease } from "./release.ts";

/** scripts/test-install.sh: install.sh on a board whose device tree says that it is a Jetson Nano. */
setDefaultTimeout(10 * 60_000);

const KEY = "0123456789abcdef0123456789abcdef";

let release: PublishedRelease;
let jetson: Board;
beforeAll(async () => {
  release = await publishRelease();
  jetson = await startJetsonNano();
});
afterAll(async () => {
  await jetson.stop();
  await release[Symbol.asyncDispose]();
});

test("a Jetson Nano is recognized, the user gets the groups of tegrastats, and its temperatures and memory arrive", async () => {
  const intake = await startIntake({ apiKey: KEY });
  await jetson.exec(["sh", "-c", "cat >/usr/bin/tegrastats; chmod 755 /usr/bin/tegrastats"], {
    stdin: tegrastats(),
  });
  const url = `http://10.0.2.2:${intake.port}`;
  const variables = `API_KEY=${KEY} DATADOG_URL=${url}/api DATADOG_LOGS_URL=${url} CAPTURE_INTERVAL=10 RELEASE_INTERVAL=10`;
  const { code, stdout, stderr } = await jetson.exec(["sh", "-c", `${release.download} | ${variables} sh`]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("NVIDIA Jetson Nano Developer Kit, linux-arm64\n");
  expect(await jetson.sh("id -nG chouette")).toBe("chouette video render\n");
  expect(await jetson.sh("grep ^COLLECT_PLUGINS= /etc/chouette/chouette.env")).toBe(
    'COLLECT_PLUGINS=["cgroups","host","tegrastats"]\n',
  );
  const valuesOf = (zone: string) => [
    ...(intake.series.get(`Chouette.tegrastats.temperature|gauge|host:jetson,zone:${zone}`)?.values() ?? []),
  ];
  await intake.until(() => valuesOf("CPU").length > 0);
  expect([valuesOf("CPU")[0], valuesOf("GPU")[0]]).toEqual([36.5, 36]);
  await intake.stop();
});

/** A line of it per second, as NVIDIA's program prints it: here always the same one. */
function tegrastats(): string {
  const line = readFileSync(resolve(import.meta.dir, "../fixtures/tegrastats-lines/nano-1.txt"), "utf8");
  return `#!/bin/sh\nwhile echo '${line.trim()}'; do sleep 1; done\n`;
}
