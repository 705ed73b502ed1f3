import { measureIdle } from "./scripts/bench/idle.ts";

for (const m of await measureIdle(480)) console.log(m.what, "|", m.chouette, "|", m.aim);
