import type { CommandText, Values } from "./commands.ts";

/** Returns the completion for bash, which needs nothing of the package bash-completion. */
export function bashCompletion(commands: readonly CommandText[]): string {
  const names = commands.flatMap((command) => command.names);
  const valued = new Map(
    commands.flatMap(({ options }) =>
      options.flatMap(({ flags, value }) =>
        value?.term.startsWith("<") ? flags.map((flag) => [flag, value.values] as const) : [],
      ),
    ),
  );
  return `# Completion of chouette for bash.
_chouette() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command='' index
  COMPREPLY=()
  case $before in
${[...valued].map(([flag, values]) => `    ${flag}) ${[replyOf(values), "return"].filter((step) => step !== "").join("; ")} ;;`).join("\n")}
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.join(" | ")}) command=\${COMP_WORDS[index]} && break ;;
    esac
  done
  case $command:$word in
    :-*) ${words(["--help", "--version"])} ;;
    :*) ${words(names)} ;;
${commands.flatMap(ofCommand).join("\n")}
  esac
}
complete -F _chouette chouette
`;
}

function ofCommand({ names, options, argument }: CommandText): string[] {
  const patterns = (end: string) => names.map((name) => `${name}:${end}`).join(" | ");
  const flags = options.flatMap((option) => option.flags);
  return [
    `    ${patterns("-*")}) ${words(flags)} ;;`,
    ...(argument === undefined ? [] : [`    ${patterns("*")}) ${replyOf(argument.values)} ;;`]),
  ];
}

function replyOf({ files, words: given }: Values): string {
  if (!files) return given.length === 0 ? "" : words(given);
  const more = given.length === 0 ? "" : `-W "${given.join(" ")}" `;
  // A path may hold blanks, a word of ours does not.
  return `mapfile -t COMPREPLY < <(compgen ${more}-f -- "$word"); compopt -o filenames 2>/dev/null`;
}

function words(given: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W "${given.join(" ")}" -- "$word")`;
}
