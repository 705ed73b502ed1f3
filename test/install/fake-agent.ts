import { spawnSync } from "node:child_process";

/** Set when it is compiled (releases.ts). */
declare const FAKE_VERSION: string;
declare const FAKE_CONDUCT: Conduct;

/** What becomes of it when it runs: it works, ends at once, never says that it is ready, or ends some seconds after that. */
export type Conduct = "works" | "ends" | "is never ready" | "ends later";

/** An agent as far as install.sh knows one: says its version, suggests plugins, and tells systemd how it is. */
const [command] = process.argv.slice(2);
if (command === "--version") console.log(FAKE_VERSION);
else if (command === "test-plugins") console.log('What this machine has\nCOLLECT_PLUGINS=["host","docker"]');
else if (command === "run") run();
else process.exit(2);

function run() {
  process.on("SIGTERM", () => process.exit(0));
  console.error(`fake agent ${FAKE_VERSION} ${FAKE_CONDUCT}`);
  if (FAKE_CONDUCT === "ends") process.exit(1);
  const ready = FAKE_CONDUCT === "is never ready" ? [] : ["--ready"];
  spawnSync("systemd-notify", [...ready, `--status=${FAKE_VERSION} ${FAKE_CONDUCT}`]);
  // systemd ends it when it is to end; this one does so by itself.
  setInterval(() => process.exit(1), FAKE_CONDUCT === "ends later" ? 5_000 : 2_000_000_000);
}
