import { expect, setDefaultTimeout, test } from "bun:test";
import { MACHINES } from "../install/machine-refusals.ts";
import { testRefusals } from "../install/refusing.ts";
import { RELEASES } from "../install/release-refusals.ts";

/** Everything that install.sh refuses, on a real machine: what it says, what is to be typed next, and that nothing is left. As root. */
setDefaultTimeout(60_000);

const install = testRefusals("dash", [...MACHINES, ...RELEASES]);

test.each([
  ["--now", "there is no option --now"],
  ["--from", "--from needs a value behind it"],
  ["--version one", "--version expects a version such as 0.1.0"],
  ["--purge", "--purge goes with --uninstall only"],
])("%s is a mistake in the command line", async (words, says) => {
  const { code, stderr } = await install({ words });
  expect([code, stderr]).toEqual([2, `install.sh: ${says} (sh install.sh --help)\n`]);
});

test.each(["secret key", "API_KEY=secret", '"secret"', "<secret>", "DD_API_KEY"])(
  "the key %p cannot be one and is not printed",
  async (key) => {
    const { code, stdout, stderr } = await install({ on: `export API_KEY='${key}'` });
    expect([code, stdout, stderr]).toEqual([
      2,
      "",
      "install.sh: API_KEY expects a Datadog API key alone: letters and digits, without a name, quotes or blanks (sh install.sh --help)\n",
    ]);
  },
);
