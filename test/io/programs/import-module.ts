/** Imports the modules in its arguments, and prints what their `value` is, or what is said. */
import { importModule } from "../../../src/io/import-module.ts";

for (const path of process.argv.slice(2)) {
  const loaded = importModule(path) as Promise<{ value?: unknown; default?: { value?: unknown } }>;
  console.log(
    await loaded.then(
      ({ value, default: whole }) => value ?? whole?.value,
      (error: Error) => `${error.name}: ${error.message}`,
    ),
  );
}
