import { expect, test } from "bun:test";
import { configOf } from "../../src/start/configuration.ts";
import type { World } from "../../src/start/world.ts";
import { bareMachine } from "../helpers/bare-machine.ts";

test("the host's name is looked up each time the configuration is read, as it is after a reload", () => {
  const names = ["before", "after"];
  const world: World = {
    version: "1.2.3",
    env: {},
    hostname: () => names.shift() ?? "",
    home: "/home/pi",
    machine: bareMachine,
    stop: new AbortController().signal,
    onHangup: () => {},
    uncaught: () => {},
    print: () => {},
    note: () => {},
    terminal: { out: false, error: false },
    importModule: (path) => import(path),
  };
  const read = () =>
    configOf({ command: "run", envFile: undefined, logLevel: undefined, dryRun: true, check: false }, world)
      .host;
  expect([read(), read()]).toEqual(["before", "after"]);
});
