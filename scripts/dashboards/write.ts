/** bun scripts/dashboards/write.ts [FOLDER]: writes the files that people import, into this folder unless another one is given. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { importFiles } from "./import-files.ts";

const folder = process.argv[2] ?? import.meta.dir;
for (const [name, text] of Object.entries(importFiles())) writeFileSync(join(folder, name), text);
