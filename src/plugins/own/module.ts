import { PluginError } from "../../errors.ts";
import type { Capture, Collector, Io, Plugin } from "../plugin.ts";
import { EXAMPLE, shapeReadings } from "./readings.ts";

/** The argument of a custom module's `collect`: the machine as every plugin sees it, and the capture. */
export type World = Io & {
  /** Unix seconds of the capture. */
  at: number;
  /** Aborts when the time for the capture is over. */
  signal: AbortSignal;
};

/**
 * Creates the plugin of the JavaScript or TypeScript module at `path`, a path in `COLLECT_PLUGINS`:
 * `export default { async collect({ at, readText }) { return [{ metric: "my.temp", value: 21.5, tags: ["room:attic"] }]; } }`.
 * It is imported at each capture, which after the first costs nothing, so that any fault of the module is a PluginError of that
 * capture and of this plugin alone; only a module that blocks the processor affects others. At most `maxPoints` + 1 of its
 * readings are used.
 */
export function loadOwnPlugin(
  path: string,
  importModule: (path: string) => Promise<unknown>,
  maxPoints: number,
): Plugin {
  return { variables: {}, create: (_values, io) => createCollector(path, importModule, maxPoints, io) };
}

function createCollector(
  path: string,
  importModule: (path: string) => Promise<unknown>,
  maxPoints: number,
  io: Io,
): Collector {
  const failed = (what: string) =>
    new PluginError(`${path} ${what}`, `Fix the module, then test it: chouette test-plugins ${path}`);
  /** The same message at the deadline and at each later capture, so that it is logged once. */
  const missing = () => failed("has not ended in time: collect must end when its signal aborts");
  let busy = false;

  async function capture(at: number, signal: AbortSignal): Promise<Capture> {
    const own = await load();
    if (!hasCollect(own))
      throw failed(
        `has no function collect in its default export, expected: export default { async collect({ at, readText }) { return [${EXAMPLE}]; } }`,
      );
    const readings = await ask(own, { ...io, at, signal });
    return shapeReadings(readings, at, maxPoints, failed);
  }

  async function load(): Promise<unknown> {
    try {
      const module = (await importModule(path)) as { default?: unknown } | null | undefined;
      return module?.default;
    } catch (error) {
      throw failed(`cannot be loaded: ${wordsOf(error)}`);
    }
  }

  async function ask(own: OwnPlugin, world: World): Promise<unknown> {
    try {
      return await own.collect(world);
    } catch (error) {
      throw failed(`failed in collect: ${wordsOf(error)}`);
    }
  }

  return {
    async collect(at, signal) {
      if (busy) throw missing();
      busy = true;
      const captured = capture(at, signal).finally(() => {
        busy = false;
      });
      return untilAborted(captured, signal, missing);
    },
  };
}

type OwnPlugin = { collect(world: World): unknown };

function hasCollect(own: unknown): own is OwnPlugin {
  return typeof (own as Partial<OwnPlugin> | null | undefined)?.collect === "function";
}

/** Awaits the work until the signal aborts, and then ignores its outcome. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(error());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Returns the message of a thrown value, which may be anything. Bun throws several syntax errors as one AggregateError. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return `${error.message}: ${wordsOf(error.errors[0])}`;
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "it threw a value that is not an Error";
}
