import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, readVariables } from "../../../src/config/variable.ts";
import { PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { gauge } from "../../../src/model.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { tegrastats } from "../../../src/plugins/tegrastats/tegrastats.ts";
import { fixtureIo } from "../../helpers/fixture-io.ts";
import { settings } from "../../helpers/plugin-settings.ts";
import { type Part, stage } from "./stage.ts";

const AT = 1_700_000_000;
const never = new AbortController().signal;

/** A machine with these processes and no file at all. */
function create(env: Env, lines: Io["lines"], captureInterval = 30) {
  const folder = mkdtempSync(join(tmpdir(), "tegrastats-"));
  const { io } = fixtureIo(folder);
  rmSync(folder, { recursive: true });
  const { values, issues } = readVariables(tegrastats.variables, env);
  expect(issues).toEqual([]);
  return tegrastats.create(values, { ...io, lines }, { captureInterval, hostRoot: "/" });
}

describe("variables", () => {
  test("mistakes are reported, each with the expected value", () => {
    const env = { TEGRASTATS_METRICS: '["ram","voltage"]' };
    expect(readVariables(tegrastats.variables, env).issues).toEqual([
      expect.stringMatching(
        /^TEGRASTATS_METRICS: .*voltage.* a list of ram, temp, swap, cpu, gpu, emc, power$/,
      ),
    ]);
  });

  test("path and interval are those of the command", async () => {
    const { lines, processes } = stage(() => ({ prints: ["RAM 1/2MB"], afterwards: "stays" }));
    const collector = create({ TEGRASTATS_PATH: "/home/nvidia/tegrastats" }, lines, 15);
    await collector.collect(AT, never);
    expect(processes.map(({ command }) => command.join(" "))).toEqual([
      "/home/nvidia/tegrastats --interval 1000",
      "/home/nvidia/tegrastats --interval 15000",
    ]);
    await collector.close?.();
    expect(processes.filter(({ alive }) => alive)).toEqual([]);
  });
});

describe("captures", () => {
  test("a hung process is reported beside the points of the new one", async () => {
    const { lines, processes } = stage(({ length }) => ({
      prints: ["RAM 1/2MB PLL@0C"],
      afterwards: length === 3 ? "stays" : "ends",
    }));
    const collector = create({}, lines);
    await collector.collect(AT, never);
    await processes[1]?.rest();
    const captures = [];
    for (const capture of [1, 2, 3, 4]) captures.push(await collector.collect(AT + 30 * capture, never));
    const pointsAt = (at: number) => [
      gauge("Chouette.tegrastats.ram.used", 2 ** 20, at),
      gauge("Chouette.tegrastats.ram.free", 2 ** 20, at),
      gauge("Chouette.tegrastats.temperature", 0, at, ["zone:PLL"]),
    ];
    expect(captures).toEqual([
      { points: pointsAt(AT + 30) },
      { points: pointsAt(AT + 60) },
      { points: pointsAt(AT + 90) },
      {
        points: pointsAt(AT + 120),
        reason: "/usr/bin/tegrastats had printed nothing for 3 captures and was ended",
      },
    ]);
    await collector.close?.();
  });

  test("a program that prints nothing in time is an error with a remedy", async () => {
    const { lines } = stage(() => ({ prints: [], afterwards: "stays" }));
    const collector = create({}, lines);
    const deadline = new AbortController();
    const pending = collector.collect(AT, deadline.signal);
    deadline.abort();
    const error = await pending.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({
      message: "/usr/bin/tegrastats printed no reading in time",
      remedy: expect.stringContaining("/usr/bin/tegrastats --interval 1000"),
    });
    await collector.close?.();
  });
});

test("a program that dies is started again by a clock that cannot be set, whatever the time of day", async () => {
  const { lines, processes } = stage(
    (command): Part =>
      command[2] === "30000"
        ? { prints: [], afterwards: "fails" }
        : { prints: ["RAM 1/2MB (lfb 1x4MB)"], afterwards: "stays" },
  );
  let now = 0;
  const io = { ...createIo({ root: "/" }), lines, monotonic: () => now };
  const collector = tegrastats.create({ path: "/usr/bin/tegrastats", groups: ["ram"] }, io, settings);
  const startsAt = async (at: number, elapsed: number) => {
    now = elapsed;
    await collector.collect(at, new AbortController().signal);
    await processes.at(-1)?.rest();
    return processes.filter(({ command }) => command[2] === "30000").length;
  };
  expect(await startsAt(2_000_000_000, 100)).toBe(1);
  expect(await startsAt(1000, 130)).toBe(2);
  expect(await startsAt(2_000_000_000, 160)).toBe(2);
  expect(await startsAt(1000, 190)).toBe(3);
  await collector.close?.();
});
