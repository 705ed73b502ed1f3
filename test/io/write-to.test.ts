import { describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTo } from "../../src/io/write-to.ts";

describe("standardError", () => {
  const program = `import { standardError } from ${JSON.stringify(join(import.meta.dir, "..", "..", "src", "io", "write-to.ts"))};`;

  test("has written everything when the process dies right after", async () => {
    const script = `${program} standardError.write("é".repeat(200000) + "\\n"); process.kill(process.pid, "SIGKILL");`;
    const child = Bun.spawn([process.execPath, "-e", script], { stderr: "pipe" });
    expect(await new Response(child.stderr).text()).toBe(`${"é".repeat(200_000)}\n`);
  });

  test("a full disk does not stop the program", async () => {
    const script = `${program} standardError.write("x\\n"); console.log("alive");`;
    const child = Bun.spawn(["/bin/sh", "-c", 'exec "$0" -e "$1" 2>/dev/full', process.execPath, script]);
    expect(await new Response(child.stdout).text()).toBe("alive\n");
    expect(await child.exited).toBe(0);
  });

  test("a closed reader does not stop the program", async () => {
    const script = `${program} await Bun.stdin.text(); standardError.write("x\\n"); console.log("alive");`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stderr: "pipe" });
    await child.stderr.cancel();
    child.stdin.end();
    expect(await new Response(child.stdout).text()).toBe("alive\n");
    expect(await child.exited).toBe(0);
  });
});

describe("writeTo", () => {
  /** A pipe that does not block, as one becomes when it is shared with Node. */
  function pipe() {
    const folder = mkdtempSync(join(tmpdir(), "log-"));
    const path = join(folder, "fifo");
    Bun.spawnSync(["mkfifo", path]);
    const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const close = () => {
      closeSync(file);
      rmSync(folder, { recursive: true });
    };
    return { folder, path, file, stream: writeTo(file), [Symbol.dispose]: close };
  }

  /** What is in the pipe now. */
  function drain(file: number): string {
    const chunk = Buffer.alloc(65_536);
    let text = "";
    for (;;) {
      try {
        text += chunk.toString("utf8", 0, readSync(file, chunk));
      } catch (error) {
        expect(error).toMatchObject({ code: "EAGAIN" });
        return text;
      }
    }
  }

  test("waits for a stuck reader once, not at every line, and again after it has read", async () => {
    using it = pipe();
    it.stream.write("x".repeat(2_000_000));
    for (let i = 0; i < 100; i++) it.stream.write("dropped");
    expect(drain(it.file)).toMatch(/^x+$/);

    // Between the first byte and the others another program is started, so the pipe is full for a while.
    const text = `${"é".repeat(500_000)}\n`;
    const copy = join(it.folder, "copy");
    const script = 'exec < "$1"; echo ready; head -c 1 > /dev/null; exec head -c "$0" > "$2"';
    const reader = Bun.spawn(["/bin/sh", "-c", script, "1000001", it.path, copy], { stdout: "pipe" });
    await reader.stdout.getReader().read();
    it.stream.write(`-${text}`);
    expect(await reader.exited).toBe(0);
    expect(await Bun.file(copy).text()).toBe(text);
  });
});
