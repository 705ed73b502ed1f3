import { sideBySide } from "../side-by-side.ts";
import type { Answer, Metric } from "./container-points.ts";
import type { Timed } from "./cpu-percentage.ts";
import type { Container, Engine } from "./engine.ts";

/** Containers asked at once. */
const AT_ONCE = 64;

/** Milliseconds for one container: engines before 20.10 take two seconds, and a capture of ten has room for those that wait. */
const PATIENCE = 4000;

export type AskContainers = (containers: readonly Container[], signal: AbortSignal) => Promise<Answer[]>;

/**
 * What the engine says about the containers, one answer for each; never rejects. A silent one costs nothing but its own
 * points: after four seconds its place is free. When the signal aborts before all have been asked, those left
 * over are the first ones at the next capture.
 */
export function createAskContainers(
  engine: Engine,
  wanted: ReadonlySet<Metric>,
  monotonic: () => number,
  patience = PATIENCE,
): AskContainers {
  let before = new Map<string, Timed>();
  /** The capture in which a container was asked last, half a one less where the signal cut it short. */
  let turns = new Map<string, number>();
  let capture = 0;

  return async (containers, signal) => {
    capture += 1;
    const turn = ({ id }: Container) => turns.get(id) ?? 0;
    turns = new Map(containers.map((container) => [container.id, turn(container)]));
    const longestWaitFirst = [...containers].sort((a, b) => turn(a) - turn(b));

    const answers = await sideBySide(AT_ONCE, longestWaitFirst, async (container) => {
      const isAsked = !signal.aborted;
      const own = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      const answer = await ask(engine, container, wanted, before.get(container.id), monotonic, own);
      if (isAsked) turns.set(container.id, signal.aborted ? capture - 0.5 : capture);
      return answer;
    });
    before = new Map(
      answers.flatMap(({ id, now = before.get(id) }) => (now === undefined ? [] : [[id, now]])),
    );
    return answers;
  };
}

async function ask(
  engine: Engine,
  { id, name }: Container,
  wanted: ReadonlySet<Metric>,
  before: Timed | undefined,
  monotonic: () => number,
  signal: AbortSignal,
): Promise<Answer> {
  const [stats, restarts] = await Promise.allSettled([
    [...wanted].some((metric) => metric !== "restarts")
      ? timed(engine.stats(id, signal), monotonic)
      : undefined,
    wanted.has("restarts") ? engine.restarts(id, signal) : undefined,
  ]);
  const refused = [stats, restarts].find((result) => result.status === "rejected");
  return {
    id,
    name,
    before,
    now: stats.status === "fulfilled" && stats.value?.stats.running ? stats.value : undefined,
    restarts: restarts.status === "fulfilled" ? restarts.value : undefined,
    failure: refused && String(refused.reason?.message),
  };
}

async function timed(
  reading: ReturnType<Engine["stats"]>,
  monotonic: () => number,
): Promise<Timed | undefined> {
  const stats = await reading;
  return stats === undefined ? undefined : { stats, at: monotonic() };
}
