import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const AT = 1_700_000_000.25;
const EXAMPLES = join(import.meta.dir, "..", "..", "fixtures", "own-plugins");

test("a custom module works in a compiled executable", async () => {
  const folder = mkdtempSync(join(tmpdir(), "own-module-compiled-"));
  try {
    const source = join(import.meta.dir, "..", "..", "..", "src");
    writeFileSync(
      join(folder, "main.ts"),
      `import { createIo } from "${source}/io/io.ts";
       import { loadOwnPlugin } from "${source}/plugins/own/module.ts";
       const io = createIo({ root: process.argv[2] ?? "" });
       for (const path of process.argv.slice(3))
         loadOwnPlugin(path, (own) => import(own), 2000).create({}, io, { captureInterval: 30, hostRoot: "/" })
           .collect(${AT}, new AbortController().signal)
           .then(({ points }) => console.log(points.map(({ metric, value }) => metric + " " + value).join("\\n")));`,
    );
    const build = [
      "build",
      "--compile",
      "--minify",
      "--bytecode",
      join(folder, "main.ts"),
      "--outfile",
      join(folder, "main"),
    ];
    expect(await run([process.execPath, ...build])).not.toBe("");
    const own = ["thermometer.js", "wifi.ts"].map((name) => join(EXAMPLES, name));
    const printed = await run([join(folder, "main"), join(EXAMPLES, "machine"), ...own]);
    expect(printed.trim().split("\n").sort()).toEqual([
      "room.temperature -0.5",
      "room.temperature 21.562",
      "wifi.signal -52",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [out, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect({ code: await child.exited, complaint: child.exitCode === 0 ? "" : complaint }).toEqual({
    code: 0,
    complaint: "",
  });
  return out;
}
