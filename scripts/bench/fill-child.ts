/** fill-child.ts TYPE WHERE N: queues N raw metrics of the last hour, 1000 series, as applications write them. */
import type { NewRecord } from "../../src/storage/storage.ts";
import { openBenchStorage } from "./bench-storage.ts";

const [type = "", where = "", count = "0"] = process.argv.slice(2);
const storage = openBenchStorage(type, where);
const total = Number(count);
const start = Date.now() / 1000 - 3600;
const TYPES = ["count", "gauge"];

for (let done = 0; done < total; ) {
  const records: NewRecord[] = [];
  for (; records.length < 5000 && done < total; done++) {
    const series = (done * 7919) % 1000;
    const timestamp = start + (done / total) * 3580;
    const tags = { zone: `z${series % 10}`, unit: `u${series % 50}` };
    const metric = {
      metric: `bench.metric.${series}`,
      type: TYPES[series % 2],
      value: done % 100,
      timestamp,
      tags,
    };
    records.push({ key: crypto.randomUUID(), at: timestamp, body: JSON.stringify(metric) });
  }
  await storage.commit({ add: [{ queue: "chouette:metrics:raw", records }] });
}
await storage.close();
console.log("null");
