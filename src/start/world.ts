import type { Env } from "../config/variable.ts";
import type { NewUser } from "../io/become-user.ts";
import { systemClock } from "../schedule/clock.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The process around the program: what main.ts hands in. */
export type World = {
  version: string;
  env: Env;
  /** The system's host name now. */
  hostname(): string;
  home: string | undefined;
  machine: Machine;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
  /** Calls it at each SIGHUP, which does not end the process any more. */
  onHangup(listener: () => void): void;
  /** From now on an error that nobody caught is reported here, and only here, and does not end the process. */
  uncaught(report: (thrown: unknown) => void): void;
  /** Standard output and standard error. */
  print(text: string): void;
  note(text: string): void;
  /** Whether a person watches. */
  terminal: { out: boolean; error: boolean };
  importModule(path: string): Promise<unknown>;
};

/** What a command may see of the world: neither the environment, which holds the API key, nor the machine. */
export function terminalOf({ print, note, stop }: World): Terminal {
  return { print, note, stop, clock: systemClock };
}

/** What a command that is typed may ask the machine, and who types it. */
export type Machine = {
  /** The user's number; 0 is root. */
  uid: number;
  /** Reads a small file whole; throws an error of the system with its `code`. */
  readText(path: string): string;
  /** What `systemctl show` prints of a unit; rejects where no systemd answers. */
  showUnit(unit: string, properties: readonly string[]): Promise<string>;
  /** What `getent` prints of a user or a group, from LDAP too; "" where there is none. */
  getent(database: "passwd" | "group", key: string): Promise<string>;
  /** Makes this process another user's, for good. */
  become(user: NewUser): void;
};
