import { expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { isGone } from "../helpers/is-gone.ts";

/** What a killed test run leaves behind on this machine. As root. */
setDefaultTimeout(60_000);

const HELPER = join(import.meta.dir, "../helpers/nspawn.ts");
/** A test run that starts a machine, prints the number of its first process, and stops it at the end of its input. */
const RUN = `const { startMachine } = await import(${JSON.stringify(HELPER)});
const machine = await startMachine();
console.log(machine.pid);
process.stdin.on("end", () => machine.stop()).resume();`;

test("a machine of a killed test run is ended by the next run, that of a living run is not", async () => {
  await using killed = await startRun();
  await using living = await startRun();
  killed.child.kill("SIGKILL");
  await once(killed.child, "close");

  await using _next = await startRun();
  expect(await isGone(killed.machine)).toBe(true);
  expect(process.kill(living.machine, 0)).toBe(true);
});

async function startRun() {
  const child = spawn(process.execPath, ["-e", RUN]);
  const [output] = await once(child.stdout, "data");
  return {
    child,
    machine: Number(output),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    },
  };
}
