import { describe, expect, test } from "bun:test";
import { createIo } from "../../../src/io/io.ts";
import { type GroupName, groups } from "../../../src/plugins/host/groups.ts";
import { host } from "../../../src/plugins/host/host.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { settings } from "../../helpers/plugin-settings.ts";
import { captured } from "./captures.ts";

const never = new AbortController().signal;
const BEFORE = captured("proc/stat/x86-16core-proc0.txt");
const AFTER = captured("proc/stat/x86-16core-proc1.txt");
const ROOM = { total: 100, used: 60, free: 40, inodes: 0, inodesFree: 0 };

/** A device with these files and nothing else; `read` hears of every path, `asked` of every mount. */
function device(files: Record<string, string | (() => string)>, room: Record<string, typeof ROOM> = {}) {
  const read: string[] = [];
  const asked: string[] = [];
  const nothing = () => Promise.reject(new Error("the host plugin needs no such thing"));
  const io: Io = {
    async readText(path) {
      read.push(path);
      const text = files[path];
      return typeof text === "function" ? text() : text;
    },
    list: async () => [],
    readTextSync: () => undefined,
    listSync: () => [],
    isLeafSync: () => false,
    place: () => ({ container: false, user: undefined, uid: undefined }),
    monotonic: () => 0,
    readLink: async () => undefined,
    async diskUsage(mount) {
      asked.push(mount);
      return room[mount];
    },
    getJson: nothing,
    lines: () => ({ [Symbol.asyncIterator]: () => ({ next: nothing }) }),
    hashSizes: nothing,
  };
  return { io, read, asked };
}

describe("CPU", () => {
  const collect = (io: Io) => host.create({ metrics: ["cpu"] }, io, settings);
  const percentage = async (capture: ReturnType<ReturnType<typeof collect>["collect"]>) =>
    (await capture).points.map(({ value }) => value);

  test("the first capture looks twice, later ones once", async () => {
    const texts = [BEFORE, AFTER, AFTER];
    const { io, read } = device({ "/proc/stat": () => texts.shift() ?? "" });
    const { collect: capture } = collect(io);
    expect(await percentage(capture(0, never))).toEqual([1.2]);
    expect(await percentage(capture(30, never))).toEqual([]);
    expect(read).toEqual(["/proc/stat", "/proc/stat", "/proc/stat"]);
  });

  test("a capture that fails is bridged: the next one compares with the last that went well", async () => {
    const texts = [BEFORE, BEFORE, "cpu nonsense", AFTER];
    const { io } = device({ "/proc/stat": () => texts.shift() ?? "" });
    const { collect: capture } = collect(io);
    expect(await percentage(capture(0, never))).toEqual([]);
    await expect(capture(30, never)).rejects.toThrow('/proc/stat: "cpu nonsense"');
    expect(await percentage(capture(60, never))).toEqual([1.2]);
  });

  test("two instances do not disturb each other", async () => {
    const texts = [BEFORE, BEFORE, AFTER, AFTER, AFTER];
    const { io } = device({ "/proc/stat": () => texts.shift() ?? "" });
    const one = collect(io);
    const other = collect(io);
    await one.collect(0, never);
    expect(await percentage(one.collect(30, never))).toEqual([1.2]);
    expect(await percentage(other.collect(30, never))).toEqual([]);
  });

  test("setting it up reads nothing", () => {
    const { io, read } = device({ "/proc/stat": BEFORE });
    collect(io);
    expect(read).toEqual([]);
  });

  test("the first look ends when the signal aborts", async () => {
    const stop = new AbortController();
    const { io, read } = device({
      "/proc/stat": () => {
        queueMicrotask(() => queueMicrotask(() => stop.abort("enough")));
        return BEFORE;
      },
    });
    await expect(collect(io).collect(0, stop.signal)).rejects.toBe("enough");
    await expect(collect(io).collect(0, AbortSignal.abort("enough"))).rejects.toBe("enough");
    expect(read).toEqual(["/proc/stat", "/proc/stat"]);
  });
});

describe("files", () => {
  test("are read once, however many groups they are for", async () => {
    const { io, read } = device({
      "/proc/loadavg": "0.02 0.04 0.05 1/497 11947\n",
      "/proc/meminfo": captured("proc/meminfo/pi2-wheezy.txt"),
      "/proc/self/mountinfo": "36 35 179:2 / / rw - ext4 /dev/root rw\n",
      "/proc/1/net/dev": captured("proc/net/dev/cm4.txt"),
    });
    const metrics: GroupName[] = [
      "la",
      "la5",
      "la15",
      "ram",
      "swap",
      "fs",
      "inodes",
      "network",
      "network_errors",
    ];
    await host.create({ metrics }, io, settings).collect(0, never);
    expect([...read].sort()).toEqual([
      "/proc/1/mountinfo",
      "/proc/1/net/dev",
      "/proc/loadavg",
      "/proc/meminfo",
      "/proc/self/mountinfo",
    ]);
  });

  test("are read again for each capture", async () => {
    const texts = ["0.02 0.04 0.05 1/497 11947\n", "1.02 0.04 0.05 1/497 11947\n"];
    const { collect } = host.create(
      { metrics: ["la"] },
      device({ "/proc/loadavg": () => texts.shift() ?? "" }).io,
      settings,
    );
    expect((await collect(0, never)).points.map(({ value }) => value)).toEqual([0.02]);
    expect((await collect(30, never)).points.map(({ value }) => value)).toEqual([1.02]);
  });

  test("a group that is listed twice is collected once", async () => {
    const { io } = device({ "/proc/uptime": "1146.73 2242.41\n" });
    const { points } = await host.create({ metrics: ["uptime", "uptime"] }, io, settings).collect(0, never);
    expect(points.map(({ metric }) => metric)).toEqual(["Chouette.host.uptime"]);
  });
});

describe("shares", () => {
  const mountinfo = [
    "1 0 179:2 / / rw - ext4 /dev/root rw",
    "2 1 0:50 / /mnt/first rw - nfs4 nas:/first rw",
    "3 1 0:51 / /mnt/dead rw - nfs4 nas:/dead rw",
    "4 1 0:52 / /mnt/after rw - cifs //nas/after rw",
    "5 1 8:1 / /media/usb rw - ext4 /dev/sda1 rw",
    "",
  ].join("\n");

  test("are not queried after one that does not answer; disks always are", async () => {
    const room = { "/": ROOM, "/media/usb": ROOM, "/mnt/first": ROOM, "/mnt/after": ROOM };
    const { io, asked } = device({ "/proc/self/mountinfo": mountinfo }, room);
    const { points, reason } = await host.create({ metrics: ["fs"] }, io, settings).collect(0, never);
    expect(asked).toEqual(["/", "/media/usb", "/mnt/first", "/mnt/dead"]);
    expect(points.filter(({ metric }) => metric.endsWith(".free")).map(({ tags }) => tags)).toEqual([
      ["device:/dev/root"],
      ["device:/dev/sda1"],
      ["device:nas:/first"],
    ]);
    expect(reason).toBe("fs: /mnt/dead (nfs4) does not answer, /mnt/after (cifs) is not asked meanwhile");
  });
});

test("on this machine load and memory have values, and no group fails", async () => {
  const io = createIo({ root: "/" });
  const usual = await host.create({ metrics: ["la", "ram"] }, io, settings).collect(1_700_000_000, never);
  expect(new Set(usual.points.map(({ metric }) => metric))).toEqual(
    new Set(["Chouette.host.la", "Chouette.host.memory.used", "Chouette.host.memory.available"]),
  );
  const all = await host
    .create({ metrics: Object.keys(groups) as GroupName[] }, io, settings)
    .collect(1_700_000_000, never);
  expect(all.reason ?? "").not.toMatch(/cannot understand|cannot read/);
});
