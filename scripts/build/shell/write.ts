import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bashCompletion } from "./bash.ts";
import { definedCommands, definedVariables } from "./commands.ts";
import { fishCompletion } from "./fish.ts";
import { manPage } from "./man-page.ts";
import { zshCompletion } from "./zsh.ts";

/** Writes the completions and the man page of this version into a folder, under the names that they have in a release. */
export function writeShellFiles(folder: string, version: string): void {
  const commands = definedCommands(version);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of [
    ["chouette.bash", bashCompletion(commands)],
    ["chouette.zsh", zshCompletion(commands)],
    ["chouette.fish", fishCompletion(commands)],
    ["chouette.1", manPage(version, commands, definedVariables)],
  ] as const)
    writeFileSync(join(folder, name), text);
}
