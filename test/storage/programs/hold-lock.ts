/**
 * Takes the lock of the file in the first argument, prints that, and releases it at SIGTERM. With a file that holds a number, and a
 * count: takes the lock `count` times and adds one to the number each time.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createFileLock } from "../../../src/storage/sqlite-wasm/lock.ts";

const [, , path = "", counter, count] = process.argv;
const lock = createFileLock(path, { patience: 50_000 });
if (counter === undefined) {
  lock.take();
  console.log("taken");
  const alive = setInterval(() => {}, 60_000);
  process.once("SIGTERM", () => {
    lock.give();
    clearInterval(alive);
  });
} else
  for (let i = 0; i < Number(count); i++) {
    if (!lock.take()) throw new Error("waited in vain");
    writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1));
    lock.give();
  }
