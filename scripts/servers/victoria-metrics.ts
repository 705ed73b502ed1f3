import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A real VictoriaMetrics, which takes what Datadog's metrics intake (v1) takes. */
export type VictoriaMetrics = {
  /** The base for DATADOG_URL. */
  intakeUrl: string;
  /** Every sample of the series that the selector names, exactly as stored. */
  exported(selector: string): Promise<ExportedSeries[]>;
  /** The result of an instant PromQL query: the value of each series of it. */
  query(promql: string): Promise<{ labels: Labels; value: number }[]>;
  /** The values of each series of a PromQL query, from `start` to `end` (Unix seconds) every `step` seconds. */
  queryRange(
    promql: string,
    range: { start: number; end: number; step: number },
  ): Promise<{ labels: Labels; values: [at: number, value: number][] }[]>;
  /** Ends it in an orderly way, and starts it again on the same port and data. */
  shutDown(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
};

export type Labels = Record<string, string>;

export type ExportedSeries = {
  labels: Labels;
  /** Unix seconds, and the value. */
  samples: [at: number, value: number][];
};

/** It takes no port 0, so that a free one is looked for; where another program was quicker, the next one. */
export async function startVictoriaMetrics(program = "victoria-metrics"): Promise<VictoriaMetrics> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-victoria-metrics-"));
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = await start(program, port, dir);
    if (server !== undefined) return connect(program, server, port, dir);
    if (attempt === 5) throw new Error("victoria-metrics did not start");
  }
}

type Server = ReturnType<typeof spawn>;

function connect(program: string, first: Server, port: number, dir: string): VictoriaMetrics {
  const url = `http://127.0.0.1:${port}`;
  let server = first;
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    if (server.kill(signal)) await gone;
  };
  const get = async (path: string, parameters: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  return {
    intakeUrl: `${url}/datadog/api`,
    exported: async (selector) => {
      await get("/internal/force_flush");
      const lines = (await get("/api/v1/export", { "match[]": selector })).split("\n");
      return lines.filter((line) => line !== "").map(exportedSeries);
    },
    query: async (promql) => {
      await get("/internal/force_flush");
      const answer: QueryAnswer = JSON.parse(await get("/api/v1/query", { query: promql }));
      return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    queryRange: async (promql, { start, end, step }) => {
      await get("/internal/force_flush");
      const range = { start: `${start}`, end: `${end}`, step: `${step}` };
      const answer: RangeAnswer = JSON.parse(await get("/api/v1/query_range", { query: promql, ...range }));
      return answer.data.result.map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([at, value]): [number, number] => [at, Number(value)]),
      }));
    },
    shutDown: () => end("SIGTERM"),
    restart: async () => {
      const next = await start(program, port, dir);
      if (next === undefined) throw new Error("victoria-metrics did not start again");
      server = next;
    },
    stop: async () => {
      await end("SIGKILL");
      await rm(dir, { recursive: true });
    },
  };
}

type RangeAnswer = { data: { result: { metric: Labels; values: [number, string][] }[] } };
type QueryAnswer = { data: { result: { metric: Labels; value: [number, string] }[] } };

/** `{"metric":{"__name__":"my.count","zone":"a"},"values":[1],"timestamps":[1591541270000]}` */
function exportedSeries(line: string): ExportedSeries {
  const { metric, values, timestamps }: { metric: Labels; values: number[]; timestamps: number[] } =
    JSON.parse(line);
  const samples = values.map((value, i): [number, number] => [(timestamps[i] ?? Number.NaN) / 1000, value]);
  return { labels: metric, samples: samples.sort(([a], [b]) => a - b) };
}

/** The process once it answers on the port; undefined when it ended before, as it does where the port is taken. */
async function start(program: string, port: number, dir: string): Promise<Server | undefined> {
  const args = [
    `-storageDataPath=${dir}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=1",
    // Otherwise a query leaves out the last 30 seconds.
    "-search.latencyOffset=0s",
  ];
  const server = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const over = new Promise<undefined>((resolve) => server.once("exit", () => resolve(undefined)));
  let listening = false;
  for await (const line of createInterface({ input: server.stderr })) {
    // The last line before it listens.
    listening = line.includes("pprof handlers are exposed");
    if (listening) break;
  }
  server.stderr.resume();
  return listening ? Promise.race([over, ownAnswer(port, dir).then(() => server)]) : undefined;
}

/** Resolves once this server, known by its directory, answers on the port. */
async function ownAnswer(port: number, dir: string): Promise<void> {
  const flags = () =>
    fetch(`http://127.0.0.1:${port}/flags`).then(
      (answer) => answer.text(),
      () => "",
    );
  while (!(await flags()).includes(dir));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
