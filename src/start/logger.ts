import type { Config } from "../config/config.ts";
import { secretsOf } from "../config/disclosure.ts";
import { createLogger, type LogFormat, type Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import { systemClock } from "../schedule/clock.ts";
import type { OpenDeps } from "../storage/open-deps.ts";
import type { Call } from "./command-line.ts";
import type { World } from "./world.ts";

/** Creates the logger, for people on a terminal and in the journal: `run` logs what it does; the other commands print a result and log only failures. */
export function loggerOf(call: Call, config: Config, { terminal, journal, note, env }: World): Logger {
  const quiet = call.command !== "run" && call.logLevel === undefined;
  return createLogger({
    level: quiet ? "warn" : config.logLevel,
    stream: { write: note },
    format: formatOf(config.logFormat, journal === true, terminal.error),
    color: terminal.error && (env.NO_COLOR ?? "") === "",
    secrets: secretsOf(config),
  });
}

function formatOf(chosen: Config["logFormat"], journal: boolean, terminal: boolean): LogFormat {
  const isText = chosen === "auto" ? journal || terminal : chosen === "text";
  if (!isText) return "json";
  return journal ? "journal" : "text";
}

/** Logs when Redis becomes unreachable and is back, for the agent, which continues; other commands report that themselves. */
export function storageDeps(log: Logger): OpenDeps {
  const limited = rateLimited(log, systemClock);
  return {
    now: systemClock.now,
    monotonic: systemClock.monotonic,
    warn: (message) => log.warn(message),
    onState: () => {},
    onCard: (up, error) =>
      up ? log.info("the card works again") : log.error(`the card fails, records wait in RAM: ${error}`),
    onOverflow: (queue, records) =>
      limited.error(
        `overflow ${queue}`,
        { queue, records },
        "the storage is full: the oldest records were dropped; how many in all: chouette inspect-queue",
      ),
  };
}

export function agentStorageDeps(log: Logger): OpenDeps {
  const onState = (up: boolean, error: string) => (up ? log.info("Redis is back") : log.warn(error));
  return { ...storageDeps(log), onState };
}
