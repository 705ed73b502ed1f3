/** A process with an intake of its own, since what TLS trusts is read when a process starts: posts once for each line on stdin. */
import { createInterface } from "node:readline";
import { createIntake } from "../../../src/datadog/http/intake.ts";
import { compress } from "../../../src/datadog/payload.ts";

const intake = createIntake(JSON.parse(process.env.INTAKE_OPTIONS ?? ""));
const payload = compress(new TextEncoder().encode('[{"message":"hello"}]'));
for await (const _ of createInterface({ input: process.stdin })) {
  const delivery = await intake.post("logs", payload, new AbortController().signal);
  process.stdout.write(`${JSON.stringify(delivery)}\n`);
}
await intake.close();
