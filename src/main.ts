import { homedir, hostname } from "node:os";
import { chouette } from "./chouette.ts";
import { becomeUser } from "./io/become-user.ts";
import { readCredential } from "./io/credentials.ts";
import { importModule } from "./io/import-module.ts";
import { killPrograms } from "./io/lines.ts";
import { showUnit } from "./io/show-unit.ts";
import { standardError } from "./io/write-to.ts";

/** Set by build.ts. */
declare const CHOUETTE_VERSION: string | undefined;

const version = typeof CHOUETTE_VERSION === "string" ? CHOUETTE_VERSION : "0.0.0-source";
const stop = new AbortController();
let impatient = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    // The second signal: the owner does not want to wait for the last pass. Unsent records stay in the queue.
    if (impatient) process.exit(130);
    stop.abort();
    // Only after a second: timeout(1) signals the program and then its group.
    setTimeout(() => {
      impatient = true;
    }, 1000).unref();
  });
}
process.on("exit", killPrograms);
// The reader of our output may close it early, as `| head` does.
process.stdout.on("error", () => process.exit(0));

chouette(process.argv.slice(2), {
  version,
  env: process.env,
  hostname: hostname(),
  home: homedir(),
  machine: {
    uid: process.getuid?.() ?? 0,
    readText: readCredential,
    showUnit: (unit, properties) =>
      showUnit(unit, properties, AbortSignal.any([stop.signal, AbortSignal.timeout(5000)])),
    become: becomeUser,
  },
  stop: stop.signal,
  onHangup: (listener) => void process.on("SIGHUP", listener),
  uncaught: (report) => {
    for (const event of ["uncaughtException", "unhandledRejection"])
      process.removeAllListeners(event).on(event, report);
  },
  print: (text) => void process.stdout.write(text),
  note: standardError.write,
  terminal: { out: process.stdout.isTTY === true, error: process.stderr.isTTY === true },
  importModule,
}).then(
  (code) => {
    process.exitCode = code;
    process.stdout.write("", () => process.exit(code));
  },
  (error: unknown) => {
    standardError.write(
      `chouette crashed, which is a bug: ${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(1);
  },
);
