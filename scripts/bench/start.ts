import { rmSync } from "node:fs";
import type { Measurement } from "./measurement.ts";

const RUNS = 21;

/** Measures how long the executable takes for `--version`, compared with a compiled program that prints one line. */
export async function measureStart(): Promise<Measurement[]> {
  const directory = (await Bun.$`mktemp -d`.text()).trim();
  try {
    await Bun.write(`${directory}/hello.ts`, 'console.log("hello");\n');
    await Bun.build({
      entrypoints: [`${directory}/hello.ts`],
      compile: { outfile: `${directory}/hello` },
      bytecode: true,
      minify: true,
    });
    const chouette = `dist/chouette-${process.platform}-${process.arch}`;
    const [ours, hello] = [await median([chouette, "--version"]), await median([`${directory}/hello`])];
    const size = (path: string) => `${(Bun.file(path).size / 1e6).toFixed(1)} MB`;
    return [
      {
        what: "start-up, --version",
        chouette: `${ours.toFixed(0)} ms`,
        beside: `${hello.toFixed(0)} ms hello-world`,
        ratio: ours / hello,
        aim: "near 1",
      },
      {
        what: "size of the executable",
        chouette: size(chouette),
        beside: `${size(`${directory}/hello`)} hello-world`,
        ratio: Bun.file(chouette).size / Bun.file(`${directory}/hello`).size,
        aim: "near 1",
      },
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function median(command: string[]): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    await Bun.spawn(command, { stdout: "ignore" }).exited;
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
}
