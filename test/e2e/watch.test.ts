import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { executable } from "../../scripts/build/executable.ts";
import { runAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

const OPENED = "\x1b[?1049h\x1b[?7l\x1b[?25l";
const CLOSED = "\x1b[?25h\x1b[?7h\x1b[?1049l";

test.each([
  ["C.UTF-8", "▁"],
  ["C", "_"],
])("inspect-queue --watch redraws a terminal in place, and Ctrl+C restores it (%s)", async (LC_ALL, bar) => {
  const { env } = await setUp(sqliteQueues);
  await runAgent(["flush"], env);
  let shown = "";
  let look = () => {};
  const child = Bun.spawn([await executable(), "inspect-queue", "--watch", "0.2"], {
    env: { ...env, LC_ALL, TERM: "xterm" },
    terminal: {
      cols: 40,
      rows: 60,
      data(_, bytes) {
        shown += Buffer.from(bytes).toString();
        look();
      },
    },
  });
  const frames = () => shown.split("\x1b[H").slice(1);
  await new Promise<void>((done) => {
    look = () => frames().length >= 3 && done();
    look();
  });
  child.terminal?.write("\x03");
  expect(await child.exited).toBe(0);
  child.terminal?.close();
  expect(shown).toStartWith(OPENED);
  expect(shown).toEndWith(CLOSED);
  const lines = (frames()[1] ?? "").replaceAll("\x1b[K", "").replaceAll("\x1b[J", "").split("\r\n");
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d, every 0\.2 s; Ctrl\+C ends$/);
  expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^metrics:wrapped +${bar}+ +0$`)));
  expect(lines.filter((line) => line.length > 40 && !line.includes("/"))).toEqual([]);
});
