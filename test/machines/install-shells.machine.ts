import { describe, setDefaultTimeout } from "bun:test";
import { MACHINES } from "../install/machine-refusals.ts";
import { testRefusals } from "../install/refusing.ts";
import { RELEASES } from "../install/release-refusals.ts";

/** scripts/test-install.sh: what install.sh refuses, under the other shells that a system may have as /bin/sh. As root. */
setDefaultTimeout(60_000);

const REFUSALS = [...MACHINES, ...RELEASES];

// It takes its own uname, df and others, not those that a test puts in front, and any file of that name for curl.
describe("busybox", () => {
  testRefusals(
    "busybox sh",
    REFUSALS.filter(({ on = "" }) => !/shim |hide /.test(on)),
  );
});

// It takes any file of that name for curl, too.
describe("bash", () => {
  testRefusals(
    "bash",
    REFUSALS.filter(({ on = "" }) => !/hide /.test(on)),
  );
});
