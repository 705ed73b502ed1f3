import { type Candidate, testPlugins } from "../../src/commands/test-plugins.ts";
import { PluginError } from "../../src/errors.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import { gauge } from "../../src/model.ts";
import type { Capture, Collector } from "../../src/plugins/plugin.ts";
import { testClock } from "../helpers/clock.ts";

export const NOW = 1_591_541_270.5;

export const memory = gauge("Chouette.host.memory.used", 669_500_000, NOW);
const disk = gauge("Chouette.host.fs.used", 24_600_000_000, NOW, ["device:/dev/root"]);

/** Runs the command on plugins with these captures; returns its exit code, what it printed, and the plugins it closed. */
export async function call(
  plugins: Record<string, { configured?: boolean; capture: () => Promise<Capture> } | Candidate>,
  { json = false, names = [] as string[] } = {},
) {
  const clock = testClock(NOW);
  const closed: string[] = [];
  const candidates = Object.entries(plugins).map(([name, plugin]): Candidate => {
    if (!("capture" in plugin)) return plugin;
    const collector: Collector = {
      collect: () => {
        clock.pass(0.25);
        return plugin.capture();
      },
      close: async () => void closed.push(name),
    };
    const supervised = supervise(name, collector, clock, { seconds: 10, maxPoints: 100 });
    return { name, configured: plugin.configured ?? false, plugin: supervised };
  });
  let printed = "";
  const code = await testPlugins(
    {
      print: (text) => {
        printed += text;
      },
      clock,
      width: Number.POSITIVE_INFINITY,
      stop: new AbortController().signal,
    },
    candidates,
    { json, named: names.length > 0 },
  );
  return { code, printed, closed };
}

export const works = { capture: async () => ({ points: [memory, disk] }) };
export const absent = {
  capture: async () => ({
    points: [],
    reason: "this is not a Raspberry Pi",
    remedy: "Remove rpi from COLLECT_PLUGINS.",
  }),
};
export const fails = {
  capture: async () => {
    throw new PluginError("permission denied", "sudo usermod -aG docker chouette");
  },
};
