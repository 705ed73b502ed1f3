import type { NewRecord } from "../../src/storage/storage.ts";
import type { MoodyIntake } from "../helpers/moody-intake.ts";
import { pythonJson, type Queues, rawRecord } from "../helpers/queues.ts";
import type { Random } from "../helpers/random.ts";

/** An application that measures at random and keeps account of what has to come out. */
export type Application = {
  /** Writes so many measurements, and now and then a log. */
  write(measurements: number): Promise<void>;
  /** What of it arrived, in the words of `expected`. */
  account(intake: MoodyIntake): Account;
  expected(): Account;
};

export type Account = {
  /** By series: sums of counts; of rates and of histograms' `.count` what they come to over their interval. */
  sums: Record<string, number>;
  /** Series of gauges with values that were never measured. */
  invented: string[];
  /** Logs that never arrived. */
  lostLogs: number;
};

/** Seconds that the oldest measurements are late, and that the application's clock may be ahead. */
const LATE = 45;
const AHEAD = 2;

const TAGS = [
  { zone: "a", floor: 1 },
  { zone: "b", floor: 1 },
  { zone: "a", dark: true, floor: 2 },
  {},
] as const;

export function createApplication(
  queues: Queues,
  random: Random,
  { host, interval }: { host: string; interval: number },
): Application {
  const sums = new Map<string, number>();
  const gauges = new Map<string, Set<number>>();
  let measured = 0;
  let logged = 0;

  /** One measurement, and in the account what has to come of it. */
  const measure = (): NewRecord => {
    measured++;
    const tags = random.pick(TAGS);
    const timestamp = Date.now() / 1000 + (random.next() < 0.7 ? 0 : AHEAD - random.next() * (LATE + AHEAD));
    const shuffled = Object.fromEntries(random.shuffle(Object.entries<string | number | boolean>(tags)));
    const record = (
      metric: string,
      type: Parameters<typeof rawRecord>[0]["type"],
      value: number | string[],
    ) => rawRecord({ metric, type, value, timestamp, tags: shuffled });
    const series = (metric: string, type: string) => {
      const words = Object.entries(tags).map(([name, value]) => `${name}:${value === true ? "True" : value}`);
      return `${metric}|${type}|${[...words, `host:${host}`].sort().join(",")}`;
    };
    const add = (name: string, value: number) => void sums.set(name, (sums.get(name) ?? 0) + value);

    const value = random.integer(-20, 100);
    const type = random.pick(["count", "count", "count", "set", "gauge", "rate", "histogram"] as const);
    switch (type) {
      case "count":
        add(series("doors", "count"), value);
        return record("doors", "count", value);
      case "set":
        // Elements that nobody else has, so that each counts once however the set is parted. The count of the same name is one series with it.
        add(series("doors", "count"), 2);
        return record("doors", "set", [`${measured}`, `u${measured}`, `u${measured}`]);
      case "gauge": {
        const name = series("level", "gauge");
        gauges.set(name, (gauges.get(name) ?? new Set()).add(measured));
        return record("level", "gauge", measured);
      }
      case "rate":
        add(series("speed", "rate"), value);
        return record("speed", "rate", value);
      case "histogram":
        add(series("time.count", "rate"), 1);
        return record("time", "histogram", value);
    }
  };

  const log = (): NewRecord => {
    const now = new Date();
    const message = `log ${logged++}`;
    const body = {
      date: now.toISOString(),
      ddsource: "doors",
      ddtags: ["a:b"],
      level: "INFO",
      message,
      service: "doors",
    };
    return { key: crypto.randomUUID(), at: now.getTime() / 1000, body: pythonJson(body) };
  };

  return {
    write: async (measurements) => {
      await queues.write("chouette:metrics:raw", Array.from({ length: measurements }, measure));
      if (measurements > 20) await queues.write("chouette:logs:wrapped", [log()]);
    },
    account: ({ kept, logs }) => {
      const arrived: Account = { sums: {}, invented: [], lostLogs: 0 };
      for (const [name, seconds] of kept) {
        const values = [...seconds.values()];
        const sum = values.reduce((total, value) => total + value, 0);
        if (name.startsWith("level|")) {
          if (values.some((value) => !gauges.get(name)?.has(value))) arrived.invented.push(name);
        } else if (name.includes("|count|")) arrived.sums[name] = sum;
        else if (name.includes("|rate|")) arrived.sums[name] = Math.round(sum * interval * 1000) / 1000;
      }
      for (let number = 0; number < logged; number++) if (!logs.has(`log ${number}`)) arrived.lostLogs++;
      return arrived;
    },
    expected: () => ({ sums: Object.fromEntries(sums), invented: [], lostLogs: 0 }),
  };
}
