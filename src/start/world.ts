import type { Env } from "../config/variable.ts";
import type { NewUser } from "../io/become-user.ts";
import { systemClock } from "../schedule/clock.ts";
import type { Size } from "../terminal/screen.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The process around the program, as main.ts passes it. */
export type World = {
  version: string;
  /** Unix seconds of the commit that was built; undefined when that is not known. */
  builtAt?: number | undefined;
  env: Env;
  /** Returns the system's current host name. */
  hostname(): string;
  home: string | undefined;
  machine: Machine;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
  /** Calls the listener at each SIGHUP, which then no longer ends the process. */
  onHangup(listener: () => void): void;
  /** Sends uncaught errors only to `report` from now on; they no longer end the process. */
  uncaught(report: (thrown: unknown) => void): void;
  /** Standard output and standard error. */
  print(text: string): void;
  note(text: string): void;
  /**
   * Whether they are terminals, the width of standard output in characters (Infinity when it is not a terminal), and its current
   * size where it can be redrawn.
   */
  terminal: { out: boolean; error: boolean; width: number; size?: (() => Size) | undefined };
  /** Whether standard error goes to the journal. */
  journal?: boolean;
  importModule(path: string): Promise<unknown>;
};

/** The part of the world that a command gets: neither the environment, which contains the API key, nor the machine. */
export function terminalOf({ print, note, stop, terminal }: World): Terminal {
  return { print, note, stop, width: terminal.width, clock: systemClock };
}

/** The machine around a typed command, and its user. */
export type Machine = {
  /** The user id; 0 is root. */
  uid: number;
  /** Reads a small file; throws an error of the system with its `code`. */
  readText(path: string): string;
  /** Resolves to the output of `systemctl show` for a unit; rejects when systemd does not answer. */
  showUnit(unit: string, properties: readonly string[]): Promise<string>;
  /** Resolves to the output of `getent` for a user or group, also from LDAP; "" for an unknown one. */
  getent(database: "passwd" | "group", key: string): Promise<string>;
  /** Switches this process to another user, permanently. */
  become(user: NewUser): void;
};
