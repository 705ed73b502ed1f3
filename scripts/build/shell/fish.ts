import type { CommandText, OptionText, Values } from "./commands.ts";

/** Returns the completion for fish. */
export function fishCompletion(commands: readonly CommandText[]): string {
  const lines = commands.flatMap(({ names, description, options, argument }) => [
    ...names.map(
      (name) => `complete -c chouette -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ),
    ...options.flatMap((option) => optionLines(names, option)),
    ...(argument === undefined ? [] : [`${within(names)} ${choicesOf(argument.values)}`]),
  ]);
  return `# Completion of chouette for fish.
complete -c chouette -n __fish_use_subcommand -l version -d 'show the version'
${lines.join("\n")}
`;
}

function optionLines(names: readonly string[], { flags, description, value }: OptionText): string[] {
  // -r: a value must follow.
  const taken = value?.term.startsWith("<") ? ` -r ${choicesOf(value.values)}` : "";
  return flags.map((flag) => `${within(names)} -l ${flag.slice(2)} -d ${quoted(description)}${taken}`);
}

function within(names: readonly string[]): string {
  return `complete -c chouette -n ${quoted(`__fish_seen_subcommand_from ${names.join(" ")}`)}`;
}

function choicesOf({ files, words }: Values): string {
  const choices = words.length === 0 ? "" : `-a ${quoted(words.join(" "))}`;
  return [files ? "-F" : "-f", choices].join(" ").trim();
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
