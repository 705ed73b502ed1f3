import { oneAtATime } from "../../src/schedule/one-at-a-time.ts";
import { createApplication } from "../e2e/application.ts";
import { type Agent, runAgent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { type Fate, startMoodyIntake } from "../helpers/moody-intake.ts";
import type { Queues } from "../helpers/queues.ts";
import type { Random } from "../helpers/random.ts";
import { createTicker } from "./ticker.ts";
import { type Usage, usageOf } from "./usage.ts";

const KEY = "key-of-the-soak";

const FAILURES = ["500", "429", "reset", "hang", "taken, 500", "taken, reset", "taken, cut"] as const;

export type Device = {
  name: string;
  /** The application measures. */
  measure(): Promise<void>;
  /** Something happens to the device; resolves to what. */
  happen(): Promise<string>;
  /** Undefined while it does not run. */
  usage(): Usage | undefined;
  /** Bytes that reached a disk, in all lives of the agent. */
  written(): number;
  /** Ends the agent well, delivers the rest, and resolves to what is wrong with the totals. */
  finish(): Promise<string[]>;
  stop(): Promise<void>;
};

/** A running executable with plugins, DogStatsD and an application's records; one that is `rough` is also killed and restarted. */
export async function createDevice(
  name: string,
  random: Random,
  { open, rough }: { open(): Promise<Queues>; rough: boolean },
): Promise<Device> {
  const queues = await open();
  const intake = await startMoodyIntake(KEY);
  const port = await freeUdpPort();
  const ticker = createTicker(port);
  const application = createApplication(queues, random, { host: "pi", interval: 10 });
  const env = {
    ...queues.env,
    API_KEY: KEY,
    DATADOG_URL: `${intake.server.url}/api`,
    DATADOG_LOGS_URL: intake.server.url,
    AGGREGATE_INTERVAL: "10",
    CAPTURE_INTERVAL: "15",
    RELEASE_INTERVAL: "20",
    COLLECT_PLUGINS: "host",
    DOGSTATSD: "true",
    DOGSTATSD_PORT: `${port}`,
    HOST: "pi",
  };
  const alone = oneAtATime();
  let agent: Agent | undefined;
  let writtenBefore = 0;
  const [hot, card] = [queues.env.CHOUETTE_RUNTIME_DIR, queues.env.CHOUETTE_STATE_DIR];
  const usage = () => (agent === undefined ? undefined : usageOf(agent.pid, hot, card));

  const start = async () => {
    agent = await startAgent(["run"], env);
    await agent.logged("applications can send DogStatsD");
    ticker.listening(true);
  };
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (agent === undefined) return;
    writtenBefore += usage()?.written ?? 0;
    ticker.listening(false);
    if (signal === "SIGKILL") ticker.killed();
    agent.kill(signal);
    const { code, stderr } = await agent.ended;
    if (signal === "SIGTERM" && code !== 0)
      throw new Error(`${name}: exit code ${code} after SIGTERM\n${stderr}`);
    agent = undefined;
  };

  let outage = Promise.resolve();
  const takeAll = () => intake.decide(() => "taken");
  const happenings: Record<string, () => Promise<unknown>> = {
    nothing: async () => {},
    "the network is down": async () => {
      intake.decide(() => random.pick<Fate>(["reset", "reset", "500", "hang"]));
      outage = new Promise((resolve) =>
        setTimeout(() => resolve(takeAll()), random.integer(20, 170) * 1000).unref(),
      );
    },
    "some requests fail": async () => {
      const fates = Array.from({ length: random.integer(1, 4) }, () => random.pick<Fate>([...FAILURES]));
      intake.decide(() => fates.shift() ?? "taken");
    },
    flush: () => runAgent(["flush", "--json"], env),
    "inspect-queue": () => runAgent(["inspect-queue", "--json"], env),
  };
  const roughOnes: typeof happenings = {
    "kill -9": () => end("SIGKILL").then(start),
    "kill -9 while something is written": async () => {
      const writing = alone(() => application.write(300))();
      await Promise.all([writing, end("SIGKILL")]);
      await start();
    },
    restart: () => end("SIGTERM").then(start),
    "the connection to the storage is cut": () => queues.disconnect(),
    "the storage crashes": alone(() => queues.crash()),
  };
  const all = Object.entries(rough ? { ...happenings, ...roughOnes } : happenings);

  await start();
  return {
    name,
    measure: alone(() => application.write(random.integer(21, 60))),
    happen: async () => {
      const [what, run] = random.pick(all as [(typeof all)[0]]);
      await run();
      return what;
    },
    usage,
    written: () => writtenBefore + (usage()?.written ?? 0),
    finish: async () => {
      await outage;
      takeAll();
      await end("SIGTERM");
      for (let tries = 0; (await runAgent(["flush"], env)).code !== 0 && tries < 20; tries++);
      const wrong = [...intake.faults];
      const [found, expected] = [application.account(intake), application.expected()];
      for (const [series, sum] of Object.entries(expected.sums))
        if (found.sums[series] !== sum) wrong.push(`${series}: ${found.sums[series]} instead of ${sum}`);
      if (found.invented.length > 0) wrong.push(`invented: ${found.invented}`);
      if (found.lostLogs > 0) wrong.push(`${found.lostLogs} logs are lost`);
      const { least, most } = ticker.expected();
      const ticks = sumOf(intake.kept, "soak.ticks|");
      if (ticks < least || ticks > most)
        wrong.push(`${ticks} ticks by DogStatsD instead of ${least}…${most}`);
      const { queues, dropped } = JSON.parse((await runAgent(["inspect-queue", "--json"], env)).stdout);
      for (const { queue, count } of queues)
        if (count > 0) wrong.push(`${count} records are left in ${queue}`);
      if (Object.values(dropped ?? {}).some((count) => count !== 0))
        wrong.push(`dropped: ${JSON.stringify(dropped)}`);
      return wrong;
    },
    stop: async () => {
      ticker.stop();
      await queues.stop();
      await intake.server.stop();
    },
  };
}

function sumOf(kept: ReadonlyMap<string, ReadonlyMap<number, number>>, prefix: string): number {
  return [...kept]
    .filter(([name]) => name.startsWith(prefix))
    .flatMap(([, seconds]) => [...seconds.values()])
    .reduce((sum, value) => sum + value, 0);
}
