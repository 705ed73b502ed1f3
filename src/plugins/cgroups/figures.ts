import type { GroupFiles } from "./parsed.ts";

export const METRICS = ["memory", "cpu", "io", "pids", "limit", "oom", "psi"] as const;
export type Metric = (typeof METRICS)[number];

/** The kernel's figures of a group. */
export type Figures = {
  /** Working set: bytes that cannot be taken back without hurting, as kubelet and `docker stats` count. */
  memory: number;
  /** CPU seconds used since the group was made, user and kernel. */
  cpu: number;
  io: DeviceBytes;
  /** Processes and threads. */
  pids: number;
  /** Bytes; not there when the group has no limit. */
  limit: number;
  /** Processes killed for memory since the group was made. */
  oom: number;
  psi: Pressures;
};

/** Bytes since the group was made by block device, `8:0`. */
export type DeviceBytes = ReadonlyMap<string, IoBytes>;
export type IoBytes = { read: number; write: number };

/** Percent of the last 60 seconds in which at least one task of the group waited for the resource. */
export type Pressures = { cpu: number | undefined; memory: number | undefined; io: number | undefined };

/** Reads a metric from one version of the kernel's interface; `read` returns undefined when the group has no such file. */
export type Reader<M extends Metric> = {
  /** The controller that must be there; undefined when every group of the hierarchy has the file. */
  controller: string | undefined;
  read(files: GroupFiles, directory: string): Figures[M] | undefined;
};

export type Readers = { readonly [M in Metric]?: Reader<M> };
