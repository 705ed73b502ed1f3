/** An intake for quickstart.sh that prints every point it receives. Its first line is the port it listens on. */
import { createServer } from "node:http";
import { unzlibSync } from "fflate";

type Series = { metric: string; points: [number, number][]; tags?: string[] };

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const wire = Buffer.concat(chunks);
  const { series = [] }: { series?: Series[] } = JSON.parse(new TextDecoder().decode(unzlibSync(wire)));
  const points = series.reduce((sum, { points }) => sum + points.length, 0);
  console.log(`\nthe intake received ${points} points of ${series.length} series in ${wire.length} bytes:`);
  for (const { metric, points, tags = [] } of series) {
    const values = points.map(([at, value]) => `${new Date(at * 1000).toISOString().slice(11, 19)}=${value}`);
    console.log(`  ${[metric, ...tags].join(" ")}\n    ${values.join("  ")}`);
  }
  response.writeHead(202, { "content-type": "application/json" }).end('{"status":"ok"}');
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as { port: number }).port));
