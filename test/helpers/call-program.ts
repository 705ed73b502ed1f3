import { chouette } from "../../src/chouette.ts";
import type { Env } from "../../src/config/variable.ts";
import { bareMachine } from "./bare-machine.ts";

/** Calls the program in this process: its exit code, standard output and standard error. */
export async function callProgram(words: string, env: Env, home: string, stop = new AbortController()) {
  let [out, err] = ["", ""];
  const code = await chouette(words.split(" "), {
    version: "1.2.3",
    env,
    hostname: () => "pi4",
    home,
    machine: bareMachine,
    stop: stop.signal,
    onHangup: () => {},
    uncaught: () => {},
    print: (text) => {
      out += text;
    },
    note: (text) => {
      err += text;
    },
    terminal: { out: false, error: false, width: Number.POSITIVE_INFINITY },
    importModule: (path) => import(path),
  });
  return { code, out, err };
}
