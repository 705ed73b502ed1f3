import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { type PluginChoice, parsePluginChoice, pluginSpelling } from "../config/plugin-choice.ts";
import { InvalidValue } from "../errors.ts";
import type { QueueName } from "../storage/storage.ts";

/** A validated command line; `command` names the command. */
export type Call = { envFile: string | undefined; logLevel: string | undefined } & (
  | { command: "run"; dryRun: boolean; check: boolean }
  | { command: "flush"; dryRun: boolean; json: boolean; timeout: number | undefined }
  | {
      command: "inspect-queue";
      json: boolean;
      health: boolean;
      watch: number | undefined;
      peek: number;
      queues: QueueName[];
    }
  | { command: "test-plugins"; json: boolean; plugins: PluginChoice[] }
);

/** The names that words may mean. */
export type Known = { queues: readonly QueueName[]; plugins: readonly string[] };

/** Seconds between two looks of `inspect-queue --watch` without a number. */
const WATCH_SECONDS = 5;

const EXAMPLES = `
Examples:
  chouette test-plugins     what can be captured on this device
  chouette run --dry-run    the agent, printing what it would send
  chouette status           the agent, the last delivery, and what waits
  chouette flush            send everything that waits, now

On a machine with the service, sudo and one of flush, inspect-queue (status)
and test-plugins use the service's settings.
`;

/** Defines the commands, their options and arguments; a parsed call goes to `choose`. */
export function commandLine(
  version: string,
  { queues, plugins }: Known,
  choose: (call: Call) => void,
): Command {
  const program = new Command("chouette")
    .description("Metrics and logs of this device, delivered to Datadog: little data, nothing lost.")
    .version(version)
    .addHelpText("after", EXAMPLES)
    // Without "[options]", which would leave the descriptions less room than commander needs to wrap them.
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.aliases()].join("|") })
    // Commands added below inherit it.
    .exitOverride();

  subcommand(program, "run", "the agent: captures, aggregates and sends on its intervals until it is stopped")
    .option("--dry-run", "print what would be sent; needs no API key, touches neither queues nor network")
    .option(
      "--check",
      "check the configuration, ask the site whether it accepts the API key (not with --dry-run), and end: 0 when the configuration is valid, else 2",
    )
    .action((options) =>
      choose({
        command: "run",
        ...common(options),
        dryRun: options.dryRun === true,
        check: options.check === true,
      }),
    );

  subcommand(program, "flush", "send everything in the queues now; safe beside a running agent")
    .option("--dry-run", "print what would be sent, change nothing")
    .option("--json", "one JSON document on standard output")
    .addOption(new Option("--timeout <seconds>", "give up after this time").argParser(seconds))
    .action((options) =>
      choose({
        command: "flush",
        ...common(options),
        dryRun: options.dryRun === true,
        json: options.json === true,
        timeout: options.timeout,
      }),
    );

  subcommand(program, "inspect-queue", "show the agent and the queues; changes nothing")
    .alias("status")
    .addArgument(
      new Argument("[queue...]", `queues to show, among ${queues.join(", ")}; a part of the name is enough`)
        .argParser((word, chosen: QueueName[] = []) => [...chosen, ...queuesOf(word, queues)])
        .default([]),
    )
    .option("--json", "one JSON document on standard output")
    .addOption(
      new Option(
        "--watch [seconds]",
        `repeat every ${WATCH_SECONDS} or the given number of seconds, in place on a terminal`,
      ).argParser(seconds),
    )
    .option("--health", "exit code 0 when an agent runs and makes progress, else 1 and why; shows no queue")
    .addOption(new Option("--peek <n>", "show the first records of each queue").argParser(count).default(0))
    .action((names: QueueName[], options) =>
      choose({
        command: "inspect-queue",
        ...common(options),
        json: options.json === true,
        health: options.health === true,
        watch: options.watch === true ? WATCH_SECONDS : options.watch,
        peek: options.peek,
        queues: queues.filter((queue) => names.length === 0 || names.includes(queue)),
      }),
    );

  subcommand(
    program,
    "test-plugins",
    "capture once with each plugin: its values, or why there are none and what to do",
  )
    .addArgument(
      new Argument(
        "[name...]",
        "plugins, paths of your own modules, or exec:<command>; all built-in ones without a name",
      )
        .argParser((word, chosen: PluginChoice[] = []) => [...chosen, pluginOf(word, plugins)])
        .default([]),
    )
    .option("--json", "one JSON document on standard output")
    .action((chosen: PluginChoice[], options) =>
      choose({
        command: "test-plugins",
        ...common(options),
        json: options.json === true,
        plugins: withoutRepetitions(chosen),
      }),
    );

  return program;
}

function subcommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--env-file <file>", "read variables from a file; those of the environment win")
    .option("--log-level <level>", "DEBUG, INFO, WARN or ERROR; wins over LOG_LEVEL");
}

function common(options: { envFile?: string; logLevel?: string }): {
  envFile: string | undefined;
  logLevel: string | undefined;
} {
  return { envFile: options.envFile, logLevel: options.logLevel };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0) throw new InvalidArgumentError("Give seconds, such as 5.");
  return value;
}

function count(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("Give a number from 0 to 9999.");
  return Number(text);
}

/** Returns the queue of that name, or those whose names contain the word. */
function queuesOf(word: string, queues: readonly QueueName[]): QueueName[] {
  const named = queues.filter((queue) => queue === word);
  const chosen = named.length > 0 ? named : queues.filter((queue) => queue.includes(word));
  if (chosen.length === 0) throw new InvalidArgumentError(`Unknown queue. Queues: ${queues.join(", ")}.`);
  return chosen;
}

function pluginOf(word: string, known: readonly string[]): PluginChoice {
  try {
    return parsePluginChoice(word, known);
  } catch (error) {
    throw error instanceof InvalidValue ? new InvalidArgumentError(`${error.message}.`) : error;
  }
}

function withoutRepetitions(choices: readonly PluginChoice[]): PluginChoice[] {
  return [...new Map(choices.map((choice) => [pluginSpelling(choice), choice])).values()];
}
