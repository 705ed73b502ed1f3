/** A process with an intake of its own, in any runtime: posts once for each line on stdin. CA_FILES: paths, separated by commas. */
import { createInterface } from "node:readline";
import { createIntake } from "../../../src/datadog/http/intake.ts";
import { compress } from "../../../src/datadog/payload.ts";
import { trustedAuthorities } from "../../../src/io/trusted-authorities.ts";

const files = (process.env.CA_FILES ?? "").split(",").filter((path) => path !== "");
const intake = createIntake({
  ...JSON.parse(process.env.INTAKE_OPTIONS ?? ""),
  authorities: async () => trustedAuthorities(files),
});
const payload = compress(new TextEncoder().encode('[{"message":"hello"}]'));
for await (const _ of createInterface({ input: process.stdin })) {
  const delivery = await intake.post("logs", payload, new AbortController().signal);
  process.stdout.write(`${JSON.stringify(delivery)}\n`);
}
await intake.close();
