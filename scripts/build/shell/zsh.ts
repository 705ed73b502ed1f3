import type { CommandText, OptionText, Values } from "./commands.ts";

/** Returns the completion for zsh, which finds it as `_chouette` in a folder of `fpath`. */
export function zshCompletion(commands: readonly CommandText[]): string {
  const listed = commands.flatMap(({ names, description }) =>
    names.map((name) => `    ${quoted(`${name}:${description}`)}`),
  );
  return `#compdef chouette
# Completion of chouette for zsh.
_chouette() {
  local -a commands
  commands=(
${listed.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _arguments '--help[show the commands]' '--version[show the version]'
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(ofCommand).join("\n")}
  esac
}
_chouette "$@"
`;
}

function ofCommand({ names, options, argument }: CommandText): string {
  const specs = options.flatMap(optionSpecs);
  if (argument !== undefined) specs.push(quoted(`*:${plain(argument.term)}:${actionOf(argument.values)}`));
  return `    ${names.join(" | ")})
      _arguments \\
${specs.map((spec) => `        ${spec}`).join(" \\\n")}
      ;;`;
}

function optionSpecs({ flags, description, value }: OptionText): string[] {
  const text = description.replace(/[[\]]/g, "");
  const colons = value?.term.startsWith("[") ? "::" : ":";
  const taken = value === undefined ? "" : `${colons}${plain(value.term)}:${actionOf(value.values)}`;
  return flags.map((flag) => quoted(`${flag}[${text}]${taken}`));
}

function actionOf({ files, words }: Values): string {
  if (words.length === 0) return files ? "_files" : "";
  const list = words.join(" ");
  return files ? `_alternative "names::(${list})" "files::_files"` : `(${list})`;
}

function plain(term: string): string {
  return term.replace(/[^\w]/g, "");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
