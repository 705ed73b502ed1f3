import type { Env } from "../config/variable.ts";

/** The settings of a systemd unit that affect the configuration, the queues and the permissions of its service. */
export type Unit = {
  /** User= and Group=, a name or a number; empty: root. */
  user: string;
  group: string;
  supplementaryGroups: readonly string[];
  /** Environment= of the unit and its drop-ins (`systemctl edit`), and $STATE_DIRECTORY. */
  env: Env;
  /** Files of EnvironmentFile=, whose variables win over Environment=; an optional one may be missing. */
  environmentFiles: readonly { path: string; optional: boolean }[];
  /** The argument of --env-file in ExecStart=. */
  envFile: string | undefined;
};

/** The properties to request from `systemctl show`. */
export const UNIT_PROPERTIES = [
  "LoadState",
  "User",
  "Group",
  "SupplementaryGroups",
  "Environment",
  "EnvironmentFiles",
  "StateDirectory",
  "ExecStart",
] as const;

/**
 * Parses the output of `systemctl show UNIT --property=…`; undefined for an unknown unit.
 *
 *     LoadState=loaded
 *     User=chouette
 *     Environment=LOG_LEVEL=INFO "GLOBAL_TAGS=site:attic floor:2"
 *     EnvironmentFiles=/etc/default/chouette (ignore_errors=yes)
 *     StateDirectory=chouette
 *     ExecStart={ path=/usr/local/bin/chouette ; argv[]=/usr/local/bin/chouette run --env-file /etc/chouette/chouette.env ; ignore_errors=no ; … }
 */
export function parseUnit(text: string): Unit | undefined {
  const properties = text.split("\n").map((line): [string, string] => {
    const [name = ""] = line.split("=", 1);
    return [name, line.slice(name.length + 1).trim()];
  });
  const all = (name: (typeof UNIT_PROPERTIES)[number]) =>
    properties.flatMap(([found, value]) => (found === name && value !== "" ? [value] : []));
  const one = (name: (typeof UNIT_PROPERTIES)[number]) => all(name)[0] ?? "";
  if (one("LoadState") !== "loaded") return undefined;

  const [directory] = words(one("StateDirectory"));
  const argv = /argv\[\]=(.*?) ; ignore_errors=/.exec(one("ExecStart"))?.[1] ?? "";
  return {
    user: one("User"),
    group: one("Group"),
    supplementaryGroups: words(one("SupplementaryGroups")),
    env: {
      ...(directory !== undefined && { STATE_DIRECTORY: `/var/lib/${directory}` }),
      ...Object.fromEntries(words(one("Environment")).map(assignment)),
    },
    environmentFiles: all("EnvironmentFiles").map((value) => ({
      path: value.replace(/ \(ignore_errors=\w+\)$/, ""),
      optional: value.endsWith("=yes)"),
    })),
    envFile: / --env-file[ =](\S+)/.exec(argv)?.[1],
  };
}

/** Splits words, double-quoted where needed as in a shell; older versions (Jetson Nano: 237) write `\x20` for a blank instead. */
function words(list: string): string[] {
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, quoted]) =>
    quoted === undefined ? unescapeBytes(word) : quoted.replace(/\\(.)/g, "$1"),
  );
}

/** Decodes UTF-8, which systemd requires of an environment. */
function unescapeBytes(word: string): string {
  return decodeURIComponent(word.replaceAll("%", "%25").replace(/\\x([0-9a-f]{2})/g, "%$1"));
}

function assignment(word: string): [name: string, value: string] {
  const [name = ""] = word.split("=", 1);
  return [name, word.slice(name.length + 1)];
}
