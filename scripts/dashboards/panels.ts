/**
 * What both dashboards show. `datadog-dashboard.ts` and `grafana-dashboard.ts` translate it, so that a panel is described once.
 * A series on a panel is the value of a metric for each combination of the tags `by`, of one host at least.
 */
export type Query = {
  metric: string;
  /** Over the series that differ in other tags. */
  over: "avg" | "max" | "sum";
  /** Tags beside `host`. */
  by: readonly string[];
  /**
   * value: as it is. rate: the increase of a counter a second. share: percent of the sum of this metric and `rest`. total: the sum of
   * the counts of an interval.
   */
  as: "value" | "rate" | "share" | "total";
  /** share: the other metric. */
  rest?: string;
  /** One tag that the series has, beside the dashboard's variables. */
  where?: readonly [tag: string, value: string];
  /** What the value is multiplied with. */
  times?: number;
};

export type Unit =
  | "byte"
  | "bytes per second"
  | "percent"
  | "degree celsius"
  | "milliwatt"
  | "hertz"
  | "second"
  | "none";

export type Panel = {
  title: string;
  unit: Unit;
  /** on-off: a line at 0 or 1. */
  shape: "line" | "area" | "on-off";
  queries: readonly Query[];
};

export type Row = { title: string; panels: readonly Panel[] };

/** Panels side by side: rows of three, or of four where that leaves no gap. */
export function columnsOf({ panels }: { panels: readonly unknown[] }): number {
  return panels.length % 4 === 0 ? 4 : 3;
}

export const TITLE = "Chouette: devices";

export const ROWS: readonly Row[] = [
  {
    title: "Device",
    panels: [
      panel("CPU", "percent", [value("Chouette.host.cpu.percentage")]),
      panel("Load of one minute", "none", [value("Chouette.host.la", [], { where: ["period", "1m"] })]),
      panel("Memory in use", "percent", [
        share("Chouette.host.memory.used", "Chouette.host.memory.available"),
      ]),
      panel("Disks in use", "percent", [share("Chouette.host.fs.used", "Chouette.host.fs.free", ["device"])]),
      panel("Temperature", "degree celsius", [max("Chouette.host.temperature", ["zone"])]),
      panel("Network, received and sent", "bytes per second", [
        rate("Chouette.host.network.bytes.recv", ["iface"]),
        rate("Chouette.host.network.bytes.sent", ["iface"]),
      ]),
    ],
  },
  {
    title: "Containers and services",
    panels: [
      panel("CPU, by control group", "percent", [
        value("Chouette.cgroups.cpu.percentage", ["container", "unit", "pod"]),
      ]),
      panel("Memory, by control group", "byte", [
        value("Chouette.cgroups.memory.working_set", ["container", "unit", "pod"]),
      ]),
      panel("CPU, by Docker container", "percent", [
        // Nanoseconds a second: 10^7 are a percent of one core.
        rate("Chouette.docker.cpu.usage", ["container"], { times: 1e-7 }),
      ]),
      panel("Memory, by Docker container", "byte", [value("Chouette.docker.memory.usage", ["container"])]),
    ],
  },
  {
    title: "Raspberry Pi: power and heat",
    panels: [
      panel("Temperature", "degree celsius", [max("Chouette.rpi.temperature")]),
      panel(
        "Under-voltage, now and since the boot",
        "none",
        [max("Chouette.rpi.under_voltage"), max("Chouette.rpi.under_voltage.since_boot")],
        "on-off",
      ),
      panel(
        "Throttled, capped, too hot: now",
        "none",
        [
          max("Chouette.rpi.throttled"),
          max("Chouette.rpi.frequency_capped"),
          max("Chouette.rpi.soft_temp_limit"),
        ],
        "on-off",
      ),
      panel("Root file system is read-only", "none", [max("Chouette.rpi.root.read_only")], "on-off"),
    ],
  },
  {
    title: "Jetson",
    panels: [
      panel("GPU and memory bandwidth", "percent", [
        value("Chouette.tegrastats.gpu.percentage"),
        value("Chouette.tegrastats.emc.percentage"),
      ]),
      panel("Temperatures", "degree celsius", [max("Chouette.tegrastats.temperature", ["zone"])]),
      panel("Power by rail", "milliwatt", [value("Chouette.tegrastats.power", ["rail"])]),
      panel("Memory in use", "percent", [
        share("Chouette.tegrastats.ram.used", "Chouette.tegrastats.ram.free"),
      ]),
    ],
  },
  {
    title: "Chouette itself",
    panels: [
      panel("Points that wait", "none", [value("chouette.queued.metrics")]),
      panel(
        "Bytes sent, compressed",
        "byte",
        [total("chouette.dispatched.metrics.bytes"), total("chouette.dispatched.logs.bytes")],
        "area",
      ),
      panel("Records dropped, by reason", "none", [total("chouette.dropped", ["reason"])], "area"),
      panel("Bytes written to the card", "byte", [total("chouette.disk.written")], "area"),
      panel("Captures that work", "none", [value("chouette.plugin.success", ["plugin"])], "on-off"),
    ],
  },
];

function panel(title: string, unit: Unit, queries: readonly Query[], shape: Panel["shape"] = "line"): Panel {
  return { title, unit, shape, queries };
}

function value(metric: string, by: readonly string[] = [], more: Partial<Query> = {}): Query {
  return { metric, over: "avg", by, as: "value", ...more };
}

/** The highest value: an average would hide the one that matters. */
function max(metric: string, by: readonly string[] = []): Query {
  return value(metric, by, { over: "max" });
}

function share(metric: string, rest: string, by: readonly string[] = []): Query {
  return value(metric, by, { as: "share", rest });
}

function rate(metric: string, by: readonly string[], more: Partial<Query> = {}): Query {
  return value(metric, by, { as: "rate", ...more });
}

function total(metric: string, by: readonly string[] = []): Query {
  return value(metric, by, { over: "sum", as: "total" });
}
