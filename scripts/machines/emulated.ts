/** `bun scripts/machines/emulated.ts linux-armv7 cortex-a7`: prints the CHOUETTE_EXECUTABLE that runs test/e2e with that executable on that processor. */
import { executable } from "../build/executable.ts";
import { type ArmTarget, emulator } from "./emulator.ts";

const [target, processor = ""] = process.argv.slice(2);
const words = await emulator(target as ArmTarget, processor);
console.log([...words, await executable(target)].join(" "));
