import { afterEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { type TailPosition, tailPath } from "../../../src/logs/files/tail-path.ts";

let directory = "";
afterEach(() => rmSync(directory, { recursive: true }));

const OPTIONS = { joiner: undefined, lastLines: Number.POSITIVE_INFINITY };

test.each([
  ["create", "create"],
  ["nocreate", "nocreate"],
  ["copytruncate", "copytruncate"],
  ["create, compressed", "create\ncompress"],
  ["create, compressed later", "create\ncompress\ndelaycompress"],
  ["copytruncate, compressed later", "copytruncate\ncompress\ndelaycompress"],
  ["create, named by date", "create\ndateext\ndateformat -%Y%m%d-%s"],
  ["create, with the extension kept", "create\nextension .log"],
])(
  "logrotate with %s costs no line and repeats none, also when the agent is killed",
  (_, options) => {
    directory = mkdtempSync(`${tmpdir()}/chouette-logrotate-`);
    chmodSync(directory, 0o755);
    const path = `${directory}/app.log`;
    const config = `${directory}/rotate.conf`;
    writeFileSync(config, `${path} {\nsu root root\nrotate 20\nmissingok\n${options}\n}\n`, { mode: 0o644 });
    const written: string[] = [];
    const taken: string[] = [];
    let position: TailPosition = [];
    let tail = tailPath(path, position, OPTIONS);
    let now = 0;
    const read = () => {
      for (let more = true; more; ) {
        const { lines } = tail.read(1000, now++);
        more = lines.length > 0;
        taken.push(...lines.map(({ text }) => text));
        position = tail.position();
      }
    };
    // Its names have no part smaller than a second.
    const rounds = options.includes("dateext") ? 1 : 8;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < 20; i++) {
        written.push(`round ${round} line ${i}`);
        appendFileSync(path, `${written.at(-1)}\n`);
        // The reader sees some of them before the rotation, and the rest behind it.
        if (i === 10) read();
      }
      if (options.includes("compress") && !options.includes("delaycompress")) read();
      // Killed: what it read since is not stored.
      if (round % 3 === 2) {
        tail.close();
        tail = tailPath(path, position, OPTIONS);
      }
      const rotated = spawnSync("logrotate", ["--force", "--state", `${directory}/state`, config]);
      expect([rotated.status, String(rotated.stderr)]).toEqual([0, ""]);
      if (!existsSync(path)) read();
    }
    read();
    now += 60;
    read();
    tail.close();
    expect(taken).toEqual(written);
  },
  30_000,
);
