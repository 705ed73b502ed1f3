import { homedir, hostname } from "node:os";
import { chouette } from "./chouette.ts";
import { becomeUser } from "./io/become-user.ts";
import { readCredential } from "./io/credentials.ts";
import { importModule } from "./io/import-module.ts";
import { isJournal } from "./io/journal-stream.ts";
import { killPrograms } from "./io/lines.ts";
import { standardError } from "./io/write-to.ts";
import { markedForJournal } from "./log/journal-line.ts";
import type { World } from "./start/world.ts";
import { isAsciiLocale, toAscii } from "./terminal/ascii.ts";

/** The process around the program: its signals, its streams, its end. */
export function startProgram(words: readonly string[], version: string, builtAt?: number): void {
  const stop = stopSignal();
  process.on("exit", killPrograms);
  process.stdout.on("error", endWithoutOutput);
  chouette(words, worldOf(version, stop, builtAt)).then(
    (code) => {
      process.exitCode = code;
      void written.then(() => process.exit(code));
    },
    (error: unknown) => {
      standardError.write(
        `chouette stopped because of an error in itself: ${error instanceof Error ? error.stack : error}\n`,
      );
      process.exit(1);
    },
  );
}

/** Resolves when all that was printed is written. */
let written: Promise<void> = Promise.resolve();

function print(text: string): void {
  written = new Promise((done) => {
    process.stdout.write(text, (error) => (error ? endWithoutOutput(error) : done()));
  });
}

/** The reader of our output may stop reading, as `| head` does; that a disk is full is a failure. */
function endWithoutOutput(error: NodeJS.ErrnoException): never {
  if (error.code === "EPIPE") process.exit(0);
  standardError.write(`standard output cannot be written: ${error.message}\n`);
  process.exit(1);
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let impatient = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // The owner does not want to wait for the last pass. What is not sent stays in the queue.
      if (impatient) process.exit(130);
      stop.abort();
      // Not within a second: timeout(1) sends its signal to the program and then to its group.
      setTimeout(() => {
        impatient = true;
      }, 1000).unref();
    });
  }
  return stop.signal;
}

function worldOf(version: string, stop: AbortSignal, builtAt: number | undefined): World {
  const journal = isJournal(process.env, 2);
  // Other commands note what they do, too.
  const isAgent = process.argv.includes("run");
  const shown = isAsciiLocale(process.env) ? toAscii : (text: string) => text;
  return {
    version,
    builtAt,
    env: process.env,
    hostname,
    home: homeOf(),
    machine: {
      uid: process.getuid?.() ?? 0,
      readText: readCredential,
      showUnit: async (unit, properties) => {
        const { showUnit } = await import("./io/show-unit.ts");
        return showUnit(unit, properties, AbortSignal.any([stop, AbortSignal.timeout(5000)]));
      },
      getent: async (database, key) => {
        const { getent } = await import("./io/show-unit.ts");
        return getent(database, key, AbortSignal.any([stop, AbortSignal.timeout(5000)]));
      },
      become: becomeUser,
    },
    stop,
    onHangup: (listener) => void process.on("SIGHUP", listener),
    uncaught: (report) => {
      for (const event of ["uncaughtException", "unhandledRejection"])
        process.removeAllListeners(event).on(event, report);
    },
    print: (text) => print(shown(text)),
    note: (text) => standardError.write(shown(journal && isAgent ? markedForJournal(text) : text)),
    journal,
    terminal: {
      out: process.stdout.isTTY === true,
      error: process.stderr.isTTY === true,
      // 0 where the terminal does not know it itself, as on a serial line.
      width: process.stdout.columns || Number.POSITIVE_INFINITY,
      size: process.stdout.isTTY === true && process.env.TERM !== "dumb" ? sizeOf : undefined,
    },
    importModule,
  };
}

/** A serial line that does not know its size is taken for the smallest usual one. */
function sizeOf(): { width: number; height: number } {
  return { width: process.stdout.columns || 80, height: process.stdout.rows || 24 };
}

/** The user's home; undefined for a user without a line in /etc/passwd and without HOME. */
function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
