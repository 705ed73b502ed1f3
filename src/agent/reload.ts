import { ConfigError } from "../errors.ts";
import { describeOwner } from "../io/process-owner.ts";
import type { Logger } from "../log/log.ts";
import type { DeviceClock } from "../schedule/device-clock.ts";
import { configOf } from "../start/configuration.ts";
import type { World } from "../start/world.ts";
import { becomeAgent } from "./lanes.ts";
import { closeSetup, openSetup, type RunCall, type Setup } from "./setup.ts";

/** Resolves at the next SIGHUP, at once when there was one since the last call, or when the signal aborts. */
export type Hangups = (until: AbortSignal) => Promise<void>;

/**
 * Listens for SIGHUP, which makes an agent with an env file read it again. On a terminal, or without an env file, SIGHUP keeps
 * its usual meaning: the terminal was closed, and the process ends.
 */
export function listenForHangups(call: RunCall, world: Pick<World, "onHangup" | "terminal">): Hangups {
  let heard = false;
  let wake = () => {};
  if (call.envFile !== undefined && !world.terminal.out && !world.terminal.error)
    world.onHangup(() => {
      heard = true;
      wake();
    });
  return async (until) => {
    if (!heard && !until.aborted)
      await new Promise<void>((resolve) => {
        wake = resolve;
        until.addEventListener("abort", () => resolve(), { once: true });
      });
    heard = false;
  };
}

/**
 * Waits for a SIGHUP with a valid configuration and opens it. An invalid one is rejected, with all of its mistakes in one log
 * line. Resolves to undefined when the signal aborts first.
 */
export async function nextSetup(
  call: RunCall,
  world: World,
  clock: DeviceClock,
  log: Logger,
  hangups: Hangups,
  until: AbortSignal,
): Promise<Setup | undefined> {
  for (;;) {
    await hangups(until);
    if (until.aborted) return undefined;
    try {
      return await openAsAgent(call, world, clock);
    } catch (error) {
      log.error(`reload rejected, keeping the previous configuration: ${mistakes(error)}`);
    }
  }
}

async function openAsAgent(call: RunCall, world: World, clock: DeviceClock): Promise<Setup> {
  const setup = await openSetup(call, configOf(call, world), world, clock);
  const refusal = await becomeAgent({ ...setup, describeOwner });
  if (refusal === undefined) return setup;
  await closeSetup(setup);
  throw new Error(refusal);
}

function mistakes(error: unknown): string {
  if (error instanceof ConfigError) return error.issues.join("; ");
  return error instanceof Error ? error.message : String(error);
}
