import { readCredential } from "../../src/io/credentials.ts";
import type { Machine } from "../../src/start/world.ts";

/** A machine without a service, whatever is installed where the tests run. */
export const bareMachine: Machine = {
  uid: 1000,
  readText: (path) => readCredential(path.replace(/^\/etc\//, "/nowhere/")),
  showUnit: () => Promise.reject(new Error("there is no systemd")),
  getent: async () => "",
  become: () => {},
};
