import type { Variable } from "../../../src/config/variable.ts";
import type { CommandText, OptionText } from "./commands.ts";

/** Returns chouette(1), in the macros of man(7). */
export function manPage(
  version: string,
  commands: readonly CommandText[],
  variables: readonly Variable[],
): string {
  return `.TH CHOUETTE 1 "" "chouette ${version}" "Chouette"
.SH NAME
chouette \\- metrics and logs of this device, delivered to Datadog
.SH SYNOPSIS
${commands.map(synopsis).join("\n.br\n")}
.SH DESCRIPTION
Chouette measures a Raspberry Pi, a Jetson or another Linux machine, takes metrics and logs from its applications,
and delivers both to Datadog.
.PP
On a machine with the service,
.B sudo chouette
with
.BR flush ,
.B inspect\\-queue
or
.B test\\-plugins
uses the service's settings.
.SH COMMANDS
${commands.map(section).join("\n")}
.SH EXIT STATUS
.TP
.B 0
Success.
.TP
.B 1
Something is left, unreachable or broken.
.TP
.B 2
There is a mistake in the command line or in the configuration.
.SH FILES
.TP
.I /etc/chouette/chouette.env
The settings of the service. After a change:
.B sudo systemctl reload chouette
.TP
.I /etc/chouette/api_key
The API key of the service, alone. After a change:
.B sudo systemctl restart chouette
.TP
.I /var/lib/chouette
The queues.
.SH ENVIRONMENT
Each of these can be in the environment or in the file of
.BR \\-\\-env\\-file .
${variables.map(variableText).join("\n")}
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)
`;
}

function synopsis({ names: [name = ""], argument }: CommandText): string {
  return `.B chouette ${escaped(name)}\n[options]${argument === undefined ? "" : ` ${escaped(argument.term)}`}`;
}

function section({ names, description, options, argument }: CommandText): string {
  const heading = `.SS chouette ${names.map(escaped).join(", chouette ")}\n${sentence(description)}`;
  const more =
    argument === undefined ? [] : [`.TP\n.I ${escaped(argument.term)}\n${sentence(argument.description)}`];
  return [heading, ...options.map(optionText), ...more].join("\n");
}

function optionText({ flags, description, value }: OptionText): string {
  const names = flags.map((flag) => `\\fB${escaped(flag)}\\fR`).join(", ");
  return `.TP\n${names}${value === undefined ? "" : ` \\fI${escaped(value.term)}\\fR`}\n${sentence(description)}`;
}

function variableText({ names, default: fixed, otherwise, meaning }: Variable): string {
  const aliases = names
    .slice(1)
    .map((name) => ` (\\fB${name}\\fR)`)
    .join("");
  const shown = fixed ?? (otherwise === "–" ? undefined : otherwise);
  const text = `${meaning}${shown === undefined ? "" : ` Default: ${shown}.`}`;
  return `.TP\n\\fB${names[0]}\\fR${aliases}\n${escaped(text)}`;
}

function sentence(text: string): string {
  const [first = "", ...rest] = escaped(text);
  return `${first.toUpperCase()}${rest.join("")}.`;
}

/** Backslashes and minus signs of man(7), code in bold; a line must not begin with a control character. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/`([^`]*)`/g, "\\fB$1\\fR")
    .replace(/^([.'])/gm, "\\&$1");
}
