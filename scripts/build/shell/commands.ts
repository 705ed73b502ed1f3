import type { Command } from "commander";
import { coreVariables } from "../../../src/config/config.ts";
import { builtInPlugins } from "../../../src/start/built-in-plugins.ts";
import { commandLine } from "../../../src/start/command-line.ts";
import { ALL_QUEUES } from "../../../src/storage/storage.ts";

/** A command as its definition has it, for completions and the man page. */
export type CommandText = {
  names: string[];
  description: string;
  options: OptionText[];
  /** What may follow, such as `[queue...]`. */
  argument?: { term: string; description: string; values: Values };
};

export type OptionText = {
  flags: string[];
  description: string;
  /** The value it takes, such as `<seconds>`, or in brackets where it may be left away. */
  value?: { term: string; values: Values };
};

/** What a value can be completed to. */
export type Values = { files: boolean; words: string[] };

/** The definition of the command line. Nothing is parsed with it. */
export function definedCommands(version: string): CommandText[] {
  const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
  return commandLine(version, known, () => {}).commands.map(commandText);
}

function commandText(command: Command): CommandText {
  const options = command.options.map(({ long, short, flags, description }): OptionText => {
    const [, term] = /([<[][\w.]+[>\]])$/.exec(flags) ?? [];
    return {
      flags: [short, long].filter((flag) => flag !== undefined),
      description,
      ...(term === undefined ? {} : { value: { term, values: valuesOf(term) } }),
    };
  });
  const [argument] = command.registeredArguments;
  const term = `[${argument?.name()}...]`;
  return {
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: [...options, { flags: ["--help"], description: "show the options" }],
    ...(argument === undefined
      ? {}
      : { argument: { term, description: argument.description, values: valuesOf(term) } }),
  };
}

/** Returns what stands for a term; nothing for numbers. */
function valuesOf(term: string): Values {
  switch (term) {
    case "<file>":
      return { files: true, words: [] };
    case "<level>":
      return { files: false, words: ["DEBUG", "INFO", "WARN", "ERROR"] };
    case "[queue...]":
      // A part of a name is enough, and bash breaks words at colons.
      return { files: false, words: [...new Set(ALL_QUEUES.flatMap((queue) => queue.split(":").slice(1)))] };
    case "[name...]":
      return { files: true, words: Object.keys(builtInPlugins) };
    default:
      return { files: false, words: [] };
  }
}

/** Names and meanings of the variables, for the man page. */
export const definedVariables = Object.values(coreVariables);
