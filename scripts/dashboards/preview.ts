/** bun scripts/dashboards/preview.ts FILE: draws the dashboard of captured devices, as a VictoriaMetrics returns its queries. */
import { writeFileSync } from "node:fs";
import { startVictoriaMetrics } from "../servers/victoria-metrics.ts";
import { type DrawnPanel, drawDashboard } from "./draw.ts";
import { ROWS } from "./panels.ts";
import { promql } from "./promql.ts";
import { sendSampleDevices } from "./sample-devices.ts";

/** Captures of each device. */
const ROUNDS = 40;

const server = await startVictoriaMetrics();
try {
  const start = Date.now() / 1000;
  await sendSampleDevices(server.intakeUrl, ROUNDS);
  const range = { start: Math.ceil(start) + 2, end: Math.floor(Date.now() / 1000) - 1, step: 1 };
  const rows: { title: string; panels: DrawnPanel[] }[] = [];
  for (const { title, panels } of ROWS) {
    const drawn: DrawnPanel[] = [];
    for (const { queries, ...panel } of panels) {
      const answers = await Promise.all(
        queries.map((query) => server.queryRange(promql(query, "", "5s"), range)),
      );
      drawn.push({ ...panel, lines: answers.flat() });
    }
    rows.push({ title, panels: drawn });
  }
  writeFileSync(process.argv[2] ?? "preview.svg", drawDashboard(rows, range));
} finally {
  await server.stop();
}
