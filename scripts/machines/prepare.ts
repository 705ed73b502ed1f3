/** `bun scripts/machines/prepare.ts`: makes the root file systems and cards of the test machines where they are missing, so that no test's time is over before. */
import { debianRoot } from "./debian-root.ts";
import { sdCard } from "./sd-card.ts";

await debianRoot("x64");
for (const architecture of ["arm64", "armv7"] as const) await sdCard(architecture);
