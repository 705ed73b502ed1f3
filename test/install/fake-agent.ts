import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Set when it is compiled (releases.ts). */
declare const FAKE_VERSION: string;
declare const FAKE_CONDUCT: Conduct;

const QUEUES = JSON.stringify({
  storage: { type: "sqlite", where: "/var/lib/chouette/chouette.db" },
  queues: [
    {
      queue: "chouette:metrics:raw",
      count: 3,
      top: [{ name: '{"queue":"chouette:metrics:raw","count":9', count: 9 }],
    },
    { queue: "chouette:metrics:wrapped", count: 40, top: [] },
    { queue: "chouette:logs:wrapped", count: 0, top: [] },
    { queue: "chouette:metrics:wrapped:rejected", count: 2, top: [] },
  ],
});

/** What becomes of it when it runs: it works, ends at once, never says that it is ready, or ends some seconds after that. */
export type Conduct = "works" | "ends" | "is never ready" | "ends later";

/** An agent as far as install.sh knows one: says its version, suggests plugins, checks settings, and tells systemd how it is. */
const [command, option] = process.argv.slice(2);
if (command === "--version") console.log(FAKE_VERSION);
else if (command === "test-plugins") console.log('What this machine has\nCOLLECT_PLUGINS=["host","docker"]');
else if (command === "inspect-queue") console.log(QUEUES);
else if (command === "run" && option === "--check") check();
else if (command === "run") run();
else process.exit(2);

/** The only mistake that it knows. */
function check() {
  const file = process.argv.at(-1) ?? "";
  const at = readFileSync(file, "utf8").split("\n").indexOf("CAPTURE_INTERVAL=soon");
  if (at === -1) return;
  console.error(`${file}:${at + 1}: CAPTURE_INTERVAL: got "soon", expects a number\x1b[2J`);
  process.exit(2);
}

function run() {
  process.on("SIGTERM", () => process.exit(0));
  console.error(`fake agent ${FAKE_VERSION} ${FAKE_CONDUCT}`);
  if (FAKE_CONDUCT === "ends") process.exit(1);
  const ready = FAKE_CONDUCT === "is never ready" ? [] : ["--ready"];
  spawnSync("systemd-notify", [...ready, `--status=${FAKE_VERSION} ${FAKE_CONDUCT}`]);
  // systemd ends it when it is to end; this one does so by itself.
  setInterval(() => process.exit(1), FAKE_CONDUCT === "ends later" ? 5_000 : 2_000_000_000);
}
