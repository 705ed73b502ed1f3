import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askAgent } from "../../src/io/agent-socket.ts";
import { createLogger } from "../../src/log/log.ts";
import { createDesk } from "../../src/start/desk.ts";
import { saying } from "../helpers/saying.ts";

const dir = mkdtempSync(join(tmpdir(), "chouette-"));
const desk = createDesk({ close: async () => 7 });
afterEach(async () => {
  await desk.close();
  rmSync(dir, { recursive: true, force: true });
});

function logged() {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return {
    lines,
    log: createLogger({
      level: "info",
      stream,
      format: "json",
      color: false,
      secrets: [],
      clock: { now: () => 0 },
    }),
  };
}

test("the agent makes the directory in which commands find it, for its own user only", async () => {
  const { lines, log } = logged();
  const path = join(dir, "state/chouette/agent.sock");
  await desk.open(path, log);
  expect([await askAgent(path, "close", 10), statSync(join(dir, "state")).mode & 0o777, lines]).toEqual([
    7,
    0o700,
    [],
  ]);
});

test("a directory that cannot be made costs a warning that says what to set", async () => {
  const { lines, log } = logged();
  await desk.open("/proc/no-such/agent.sock", log);
  expect(lines).toEqual([saying('"level":"warn"', "/proc/no-such/agent.sock", "Set CHOUETTE_STATE_DIR")]);
});
