/** `bun scripts/machines/prepare.ts`: makes missing root file systems and cards of the test machines, so that no test times out for that. */
import { debianRoot } from "./debian-root.ts";
import { sdCard } from "./sd-card.ts";

await debianRoot("x64");
for (const architecture of ["arm64", "armv7"] as const) await sdCard(architecture);
