import { CommanderError } from "commander";
import { type Call, commandLine, type Known } from "./command-line.ts";

export type CliOutput = { print(text: string): void; note(text: string): void };

/** Parses the command line into a call, or an exit code when there is nothing more to do (help, version, or 2 for a mistake). */
export function parseCall(
  argv: readonly string[],
  version: string,
  known: Known,
  output: CliOutput,
): Call | number {
  let call: Call | undefined;
  const program = commandLine(version, known, (chosen) => {
    call = chosen;
  });
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: output.print, writeErr: output.note });
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (argv.includes("chouette_iot"))
      output.note(
        "This is the command of the Python agent. Remove `command:` (in Kubernetes, `command` and `args`).\n",
      );
    if (["version", "-v"].includes(argv[0] ?? "")) output.note("(Did you mean --version?)\n");
    else if (error.code === "commander.unknownCommand") output.note("To see all commands: chouette --help\n");
    return error.exitCode === 0 ? 0 : 2;
  }
  return call ?? 2;
}
