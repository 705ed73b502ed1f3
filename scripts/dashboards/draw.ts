import { type EChartsOption, init } from "echarts";
import { columnsOf, type Panel, type Unit } from "./panels.ts";

export type Line = {
  labels: Readonly<Record<string, string>>;
  values: readonly [at: number, value: number][];
};
export type DrawnPanel = Omit<Panel, "queries"> & { lines: readonly Line[] };

/** Pixels. */
const WIDTH = 1200;
const HEIGHT = 220;
type Placed = { panel: DrawnPanel; x: number; y: number; width: number };
const ROW_TITLE = 40;
const INSET = { left: 56, right: 24, top: 36, bottom: 44 };
const MOST_NAMES = 5;

/** Returns an SVG of the rows, for times from `start` to `end` (Unix seconds), with a legend below each panel. */
export function drawDashboard(
  rows: readonly { title: string; panels: readonly DrawnPanel[] }[],
  range: { start: number; end: number },
): string {
  const titles: object[] = [];
  const placed: Placed[] = [];
  let y = 0;
  for (const row of rows) {
    titles.push({ text: row.title, left: 12, top: y + 10, textStyle: { fontSize: 16 } });
    y += ROW_TITLE;
    const columns = columnsOf(row);
    const width = WIDTH / columns;
    for (const [index, panel] of row.panels.entries())
      placed.push({
        panel,
        width,
        x: (index % columns) * width,
        y: y + Math.floor(index / columns) * HEIGHT,
      });
    y += Math.ceil(row.panels.length / columns) * HEIGHT;
  }
  const size = { width: WIDTH, height: y };
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption(optionOf(placed, titles, range));
  const svg = chart.renderToSVGString();
  // Its timers would keep the process.
  chart.dispose();
  return svg;
}

function optionOf(
  placed: readonly Placed[],
  titles: readonly object[],
  { start, end }: { start: number; end: number },
): EChartsOption {
  return {
    animation: false,
    backgroundColor: "#ffffff",
    title: [
      ...titles,
      ...placed.map(({ panel, x, y }) => ({
        text: panel.title,
        left: x + 12,
        top: y + 8,
        textStyle: { fontSize: 12, fontWeight: "normal" },
      })),
    ],
    grid: placed.map(({ x, y, width }) => ({
      left: x + INSET.left,
      top: y + INSET.top,
      width: width - INSET.left - INSET.right,
      height: HEIGHT - INSET.top - INSET.bottom,
    })),
    legend: placed.map(({ panel, x, y, width }, index) => ({
      left: x + 12,
      top: y + HEIGHT - 26,
      width: width - 24,
      itemWidth: 12,
      itemHeight: 8,
      textStyle: { fontSize: 9 },
      data: panel.lines.slice(0, MOST_NAMES).map((line) => `${index}|${nameOf(line)}`),
      formatter: (name: string) => name.slice(name.indexOf("|") + 1),
    })),
    xAxis: placed.map((_, index) => ({
      type: "time",
      gridIndex: index,
      min: 1000 * start,
      max: 1000 * end,
      axisLabel: { show: false },
    })),
    yAxis: placed.map(({ panel }, index) => ({
      type: "value",
      gridIndex: index,
      min: 0,
      ...(panel.shape === "on-off" && { max: 1, interval: 1 }),
      splitNumber: 3,
      axisLabel: { fontSize: 9, formatter: (value: number) => short(value, panel.unit) },
    })),
    series: placed.flatMap(({ panel }, index) =>
      panel.lines.map((line) => ({
        type: panel.shape === "area" ? ("bar" as const) : ("line" as const),
        name: `${index}|${nameOf(line)}`,
        xAxisIndex: index,
        yAxisIndex: index,
        showSymbol: false,
        ...(panel.shape === "area" && { stack: `${index}` }),
        ...(panel.shape === "on-off" && { step: "end" as const }),
        data: line.values.map(([at, value]) => [1000 * at, value]),
      })),
    ),
  };
}

/** `pi5 /dev/root` */
function nameOf({ labels }: Line): string {
  const { host = "", ...rest } = labels;
  return [host, ...Object.values(rest)].join(" ");
}

const SYMBOLS: Readonly<Record<Unit, string>> = {
  byte: "B",
  "bytes per second": "B/s",
  percent: "%",
  "degree celsius": "°C",
  milliwatt: "W",
  hertz: "Hz",
  second: "s",
  none: "",
};

/** `1.2 GB`, `340 MB`, `12 %`, `5.1 W` */
function short(value: number, unit: Unit): string {
  const prefix = ["", "k", "M", "G", "T"];
  let size = unit === "milliwatt" ? value / 1000 : value;
  let at = 0;
  for (; Math.abs(size) >= 1000 && unit !== "none" && at < prefix.length - 1; at++) size /= 1000;
  return `${Number(size.toPrecision(3))} ${prefix[at]}${SYMBOLS[unit]}`.trim();
}
