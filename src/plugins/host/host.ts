import { listOfSchema } from "../../env.ts";
import { gauge } from "../../model.ts";
import type { Plugin, Variables } from "../plugin.ts";
import { parseLoadavg } from "./loadavg.ts";

const variables = {
  metrics: {
    names: ["HOST_COLLECTOR_METRICS", "HOST_COLLECT_METRICS"],
    default: '["la"]',
    meaning: "Groups of metrics to collect.",
    expects: "a list of la",
    schema: listOfSchema(["la"]),
  },
} as const satisfies Variables;

/** The device itself, from the kernel's files below /proc and /sys. */
export const host: Plugin<typeof variables> = {
  variables,
  create: (_values, io) => ({
    async collect(at) {
      const text = await io.readText("/proc/loadavg");
      if (text === undefined) return { points: [] };
      return { points: [gauge("Chouette.host.la", parseLoadavg(text).one, at, ["period:1m"])] };
    },
  }),
};
