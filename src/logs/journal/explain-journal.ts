import { accessSync, constants, existsSync, readdirSync } from "node:fs";

const PLACES = ["/var/log/journal", "/run/log/journal"] as const;

/** Returns what keeps the journal from being read, and what to type. `error` is what journalctl said. */
export function explainJournal(
  name: string,
  error: string | undefined,
): { what: string; reason: string; remedy: string }[] {
  if (error !== undefined && /cannot start/.test(error))
    return [
      {
        what: name,
        reason: "there is no journalctl",
        remedy: "sudo apt-get install systemd, or leave JOURNALD_UNITS empty",
      },
    ];
  const files = PLACES.flatMap(journalsIn);
  if (files.length === 0 && !PLACES.some((place) => existsSync(place)))
    return [{ what: name, reason: "there is no journal", remedy: "sudo systemctl status systemd-journald" }];
  if (!files.some(isReadable))
    return [
      {
        what: name,
        reason: "the journal of the system may only be read by the group systemd-journal",
        remedy:
          "printf '[Service]\\nSupplementaryGroups=systemd-journal\\n' | sudo install -D -m 644 /dev/stdin /etc/systemd/system/chouette.service.d/journal.conf && sudo systemctl daemon-reload && sudo systemctl restart chouette",
      },
    ];
  return error === undefined ? [] : [{ what: name, reason: error, remedy: "journalctl --verify" }];
}

/** The files of the system in `<place>/<machine id>/`. */
function journalsIn(place: string): string[] {
  try {
    return readdirSync(place).flatMap((id) =>
      readdirSync(`${place}/${id}`)
        .filter((name) => name.startsWith("system"))
        .map((name) => `${place}/${id}/${name}`),
    );
  } catch {
    return [];
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
