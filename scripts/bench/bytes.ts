import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { wasmSqlite } from "../build/wasm-sqlite.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";

/**
 * Measures what a day writes to the card: blocks of an ext4 of its own on a loop device, the plugin `host`, accelerated. Beside it
 * the same with DURABILITY=strict. Needs root and loop devices.
 */
const HOURS = Number(process.env.BENCH_HOURS ?? 24);

const folder = mkdtempSync("/var/tmp/chouette-bench-bytes-");
const ram = mkdtempSync("/dev/shm/chouette-bench-bytes-");

type Day = { written: number; file: number; waiting: number };

/** Runs the child on a new file system, and reads sectors written from /sys/block/loopN/stat (Documentation/block/stat.rst). */
async function day(program: readonly string[], durability: string, down: number): Promise<Day> {
  const [image, mount] = [`${folder}/card`, `${folder}/mount`];
  await Bun.$`mkdir -p ${mount}`;
  await Bun.$`truncate -s 512M ${image}`;
  await Bun.$`mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 ${image}`;
  const loop = (await Bun.$`losetup -f --show ${image}`.text()).trim();
  try {
    await Bun.$`mount -o noatime ${loop} ${mount}`;
    const sectors = () =>
      Number(
        readFileSync(`/sys/block/${basename(loop)}/stat`, "utf8")
          .trim()
          .split(/\s+/)[6],
      );
    await Bun.$`sync -f ${mount}`;
    const before = sectors();
    const words = [...program, `${mount}/state`, ram, durability, `${down}`, `${HOURS}`];
    const child = Bun.spawn(words, { stdout: "pipe", stderr: "inherit" });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(`${words.join(" ")} failed`);
    await Bun.$`sync -f ${mount}`;
    const { waiting } = JSON.parse(text) as { waiting: number };
    return {
      written: (sectors() - before) * 512,
      file: statSync(`${mount}/state/chouette.db`).size,
      waiting,
    };
  } finally {
    await Bun.$`umount ${mount}`.nothrow();
    await Bun.$`losetup -d ${loop}`.nothrow();
    rmSync(image);
    await Bun.$`find ${ram} -mindepth 1 -delete`;
  }
}

async function forNode(): Promise<string> {
  const entrypoints = [join(import.meta.dir, "bytes-child.ts")];
  const { outputs } = await Bun.build({ entrypoints, target: "node", format: "esm", plugins: [wasmSqlite] });
  const path = `${folder}/child.mjs`;
  await Bun.write(path, (await outputs[0]?.text()) ?? "");
  return path;
}

async function measure(): Promise<Measurement[]> {
  const programs = {
    "arm64, x64 (Bun)": [process.execPath, join(import.meta.dir, "bytes-child.ts")],
    "armv7 (Node, WebAssembly)": ["node", await forNode()],
  };
  const days = { "in health": [0, "<= 2 MB"], "of an outage": [1, "<= 60 MB"] } as const;
  const measurements: Measurement[] = [];
  for (const [name, program] of Object.entries(programs))
    for (const [what, [down, aim]] of Object.entries(days)) {
      const [ours, strict] = [await day(program, "relaxed", down), await day(program, "strict", down)];
      measurements.push({
        what: `${name}: a day ${what}`,
        chouette: `${megabytes(ours.written)}, file ${megabytes(ours.file)}, ${ours.waiting} points wait`,
        beside: `${megabytes(strict.written)} strict, file ${megabytes(strict.file)}`,
        ratio: ours.written / strict.written,
        aim,
      });
    }
  return measurements;
}

function megabytes(bytes: number): string {
  return `${((bytes / 1e6 / HOURS) * 24).toFixed(2)} MB`;
}

try {
  printMeasurements(await measure());
} finally {
  rmSync(folder, { recursive: true });
  rmSync(ram, { recursive: true });
}
