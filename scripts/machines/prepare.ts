/** `bun scripts/machines/prepare.ts`: makes the root file systems and cards of the test machines where they are missing, so that no test's time is over before. */
import { debianRoot } from "../../test/helpers/debian-root.ts";
import { sdCard } from "../../test/helpers/sd-card.ts";

await debianRoot("x64");
for (const architecture of ["arm64", "armv7"] as const) await sdCard(architecture);
