import type { Values, Variables } from "../config/variable.ts";
import type { Point } from "../model.ts";

/** A plugin: its variables and its factory. Its name is that of its folder. */
export type Plugin<T extends Variables = Variables> = {
  variables: T;
  /** Validates and prepares; talks to nothing. State such as previous counters lives in the closure. */
  create(values: Values<T>, io: Io, settings: AgentSettings): Collector;
};

/** The agent's variables that plugins need too. */
export type AgentSettings = {
  /** Seconds between captures. */
  captureInterval: number;
  /** The mount point of the host's root, `/` outside of containers. With another one /proc/self is that of the agent's container. */
  hostRoot: string;
};

export type Collector = {
  /**
   * One capture at `at` (Unix seconds). Rejects with PluginError (reason and remedy) when it could not do its work;
   * an absent device is not an error but a `reason`. Ends soon after the signal aborts.
   */
  collect(at: number, signal: AbortSignal): Promise<Capture>;
  /** Ends what outlives a capture, such as a child process. */
  close?(): Promise<void>;
};

export type Capture = {
  points: Point[];
  /** DogStatsD lines for the windows of applications: values of histograms, elements of sets, events and the like. */
  lines?: string[];
  /** Why points are missing, all or some, and what to type about it. For people, shown by `test-plugins`. */
  reason?: string;
  remedy?: string;
};

/**
 * The world as plugins see it; `createIo` is the real one, tests replay a folder. Paths are the host's: HOST_ROOT is added behind
 * it. What fails does so with an IoError, whose `code` says how.
 */
export type Io = {
  /** The whole text of a file; undefined when it does not exist (ENOENT, ENOTDIR, ENODEV, ENXIO…); rejects when it may not be read. */
  readText(path: string): Promise<string | undefined>;
  /** Names in a directory, sorted; [] when it does not exist. */
  list(path: string): Promise<string[]>;
  /**
   * `readText` and `list` at once, for many small files. Only where the kernel makes the text in memory: on a disk, a network share
   * or FUSE the whole agent would wait. They throw where the others reject.
   */
  readTextSync(path: string): string | undefined;
  listSync(path: string): string[];
  /** True when a directory surely holds no directories, as its number of links tells. Cheaper than `listSync`; never throws. */
  isLeafSync(path: string): boolean;
  /** Returns the target of a symbolic link, unresolved; undefined for anything else. */
  readLink(path: string): Promise<string | undefined>;
  /** Size of the filesystem mounted there; undefined when it does not answer in time (a dead NFS mount) or is not there. */
  diskUsage(mount: string): Promise<DiskUsage | undefined>;
  /** GET that reads at most 8 MiB of JSON; `body` is undefined where an error or an empty answer has none. Rejects when the server cannot be reached or answers no JSON. */
  getJson(request: JsonRequest, signal: AbortSignal): Promise<{ status: number; body: unknown }>;
  /** Starts a program and yields its lines (at most 64 KiB each, longer ones are cut) until it ends, the signal aborts or the loop is left; then it is killed. Rejects when it cannot be started, and with a RangeError when it printed more than `maxBytes`, stdout and stderr together. */
  lines(
    command: readonly [string, ...string[]],
    signal: AbortSignal,
    maxBytes?: number,
  ): AsyncIterable<string>;
  /** Seconds since some fixed moment, for what has passed between two readings: setting the clock does not change it. */
  monotonic(): number;
  /** HLEN of every Redis hash whose key matches the glob, found with SCAN; on the Redis of the configuration. Rejects when there is none. */
  hashSizes(pattern: string, signal: AbortSignal): Promise<Map<string, number>>;
  /** Where the agent runs, for advice about permissions. */
  place(): Place;
};

/** `user` is undefined for one without a name. */
export type Place = { container: boolean; user: string | undefined; uid: number | undefined };

export type DiskUsage = {
  /** Bytes; `free` is what an ordinary user may still write (bavail), `used` is total minus all that is free. */
  total: number;
  used: number;
  free: number;
  inodes: number;
  inodesFree: number;
};

export type JsonRequest = {
  /** `http://…` or `https://…`; with `socketPath` its host is only a name. */
  url: string;
  socketPath?: string;
  headers?: Readonly<Record<string, string>>;
  tls?: { ca?: string; cert?: string; key?: string; verify: boolean };
};
