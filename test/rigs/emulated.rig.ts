import { afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../package.json";
import { executable } from "../../scripts/build/executable.ts";
import { type ArmTarget, emulator } from "../../scripts/machines/emulator.ts";
import { arrived, cleanUp, type Stage, setUp } from "../e2e/stage.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, redisQueues } from "../helpers/queues.ts";
import { tinyExecutable } from "./tiny-executable.ts";

/**
 * scripts/test.sh: the ARM executables under qemu-user, on the processors of the devices: Raspberry Pi 3 and Zero 2 (Cortex-A53),
 * Jetson Nano and TX2 (A57), Raspberry Pi 4 (A72); Raspberry Pi 2 (A7). An instruction that the processor does not have ends
 * the program there as it would on the device.
 */
setDefaultTimeout(120_000);

const PROCESSORS: [ArmTarget, string][] = [
  ["linux-arm64", "cortex-a53"],
  ["linux-arm64", "cortex-a57"],
  ["linux-arm64", "cortex-a72"],
  ["linux-armv7", "cortex-a7"],
];

afterEach(cleanUp);

describe.each(PROCESSORS)("chouette-%s on a %s", (target, processor) => {
  let program: string[];
  beforeAll(async () => {
    program = [...(await emulator(target, processor)), await executable(target)];
  });

  test("says its version and its runtime", async () => {
    expect(await runAgent(["--version"], {}, { program })).toEqual({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(new RegExp(`^${version}\nruntime: (Bun|Node\\.js) [0-9.]+\n$`)),
      stderr: "",
    });
  });

  test("flush delivers what an application left in Redis", async () => {
    const stage = await setUp(redisQueues);
    // Enough of it that the runtime compiles to machine code what it interprets at first.
    await stage.queues.write("chouette:metrics:raw", measurements(3000));
    const ended = await runAgent(["flush", "--json"], stage.env, { program });
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(ended.stdout);
    expect(result).toMatchObject({ outcome: "delivered", remaining: { metrics: 0, logs: 0 }, errors: [] });
    expect(result.aggregated.raw).toBe(3000);
    expect(stage.intake.sumOf("my.count")).toBe(3000);
    expect(stage.intake.conflicts).toEqual([]);
  });

  test("captures this machine, and keeps what the intake does not accept in the embedded database for a flush", async () => {
    const stage = await setUp(redisQueues);
    const env = embedded(stage);
    stage.intake.respond(() => ({ status: 503 }));
    const agent = await startAgent(["run"], { ...env, COLLECT_PLUGINS: "host" }, { program });
    await arrived(stage, agent, () =>
      stage.intake.requests.some(({ body }) => body.includes("Chouette.host.la")),
    );
    agent.kill("SIGTERM");
    const { code } = await agent.ended;
    expect(code).toBe(0);
    expect([...stage.intake.series]).toEqual([]);
    stage.intake.respond(() => undefined);
    const flushed = await runAgent(["flush"], env, { program });
    expect({ code: flushed.code, stderr: flushed.stderr }).toEqual({ code: 0, stderr: "" });
    expect(stage.intake.sumOf("Chouette.host.memory.used")).toBeGreaterThan(0);
    expect(stage.intake.conflicts).toEqual([]);
  });
});

test("--env-file of chouette-linux-armv7 is read by the program, not by Node.js", async () => {
  const program = [...(await emulator("linux-armv7", "cortex-a7")), await executable("linux-armv7")];
  const stage = await setUp(redisQueues);
  const file = join(stage.queues.dir, "chouette.env");
  const flush = () => runAgent(["flush", "--env-file", file], stage.env, { program });
  const missing = await flush();
  expect([missing.code, missing.stdout]).toEqual([2, ""]);
  expect(missing.stderr).toContain(`--env-file ${file}: `);
  writeFileSync(file, "LOG_LEVEL=loud\nNODE_OPTIONS=--no-such-option\n");
  const wrong = await flush();
  expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
  expect(wrong.stderr).toContain('LOG_LEVEL: got "loud"');
});

/** Counts of one, in several windows and series. */
function measurements(number: number) {
  const now = Math.floor(Date.now() / 1000);
  return Array.from({ length: number }, (_, index) =>
    rawRecord({
      metric: "my.count",
      type: "count",
      value: 1,
      timestamp: now - 60 + (index % 50),
      tags: { zone: index % 7, even: index % 2 === 0 },
    }),
  );
}

function embedded({ env, queues }: Stage): Record<string, string> {
  const { REDIS_URL: _, ...rest } = env;
  return { ...rest, CHOUETTE_STATE_DIR: join(queues.dir, "state") };
}

describe("the emulator", () => {
  /** An atomic addition of ARMv8.1 (LSE): mov x1, sp · mov x2, 1 · ldadd x2, x3, [x1] · mov x0, 0 · mov x8, 93 (exit) · svc 0 */
  const LSE = tinyExecutable(64, [0x910003e1, 0xd2800022, 0xf8220023, 0xd2800000, 0xd2800ba8, 0xd4000001]);
  /** A load of ARMv8: mov r1, sp · lda r2, [r1] · mov r0, 0 · mov r7, 1 (exit) · svc 0 */
  const LDA = tinyExecutable(32, [0xe1a0100d, 0xe1912c9f, 0xe3a00000, 0xe3a07001, 0xef000000]);
  const ENDED = { code: 0, signal: null };
  const KILLED = { code: null, signal: "SIGILL" };

  test.each<[string, ArmTarget, string, Uint8Array, object]>([
    ["atomics of ARMv8.1", "linux-arm64", "cortex-a53", LSE, KILLED],
    ["atomics of ARMv8.1", "linux-arm64", "cortex-a57", LSE, KILLED],
    ["atomics of ARMv8.1", "linux-arm64", "cortex-a72", LSE, KILLED],
    ["atomics of ARMv8.1", "linux-arm64", "cortex-a76", LSE, ENDED],
    ["a load of ARMv8", "linux-armv7", "cortex-a7", LDA, KILLED],
    ["a load of ARMv8", "linux-armv7", "max", LDA, ENDED],
  ])("has %s or kills the program: %s %s", async (_, target, processor, bytes, outcome) => {
    const folder = mkdtempSync(join(tmpdir(), "chouette-tiny-"));
    try {
      const path = join(folder, "tiny");
      writeFileSync(path, bytes, { mode: 0o755 });
      const program = [...(await emulator(target, processor)), path];
      expect(await runAgent([], {}, { program })).toMatchObject(outcome);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("runs only ARM programs", async () => {
    const program = [...(await emulator("linux-arm64", "cortex-a53")), await executable("linux-armv7")];
    const { code, stderr } = await runAgent(["--version"], {}, { program });
    expect(code).not.toBe(0);
    expect(stderr).toContain("Invalid ELF image for this architecture");
  });
});
