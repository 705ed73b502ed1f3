/** An intake on this machine that prints every point it is sent, for quickstart.sh. Its first line is the port it listens on. */
import { type SeenRequest, startIntake } from "./servers/intake.ts";

type Series = { metric: string; points: [number, number][]; tags?: string[] };

const { port } = await startIntake({
  apiKey: "quickstart",
  script: (request) => {
    print(request);
    return undefined;
  },
});
console.log(port);

function print({ body, wireBytes }: SeenRequest): void {
  const { series = [] }: { series?: Series[] } = JSON.parse(body);
  const points = series.reduce((sum, { points }) => sum + points.length, 0);
  console.log(`\nthe intake was sent ${points} points of ${series.length} series in ${wireBytes} bytes:`);
  for (const { metric, points, tags = [] } of series) {
    const values = points.map(([at, value]) => `${new Date(at * 1000).toISOString().slice(11, 19)}=${value}`);
    console.log(`  ${[metric, ...tags].join(" ")}\n    ${values.join("  ")}`);
  }
}
