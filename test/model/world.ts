import { appWrapper } from "../../src/start/components.ts";
import { readDropped } from "../../src/storage/counts/read-dropped.ts";
import { type DataQueue, type NewRecord, QUEUES } from "../../src/storage/storage.ts";
import { type Account, createAccount, idsIn } from "./account.ts";
import { type ModelIntake, modelIntake } from "./intake.ts";
import type { Broken, Medium } from "./levels.ts";
import { createMachine, type Machine } from "./machine.ts";
import { CONFIG, type Process, startProcess } from "./process.ts";
import { createSafety } from "./safety.ts";

/** A device with everything around it, in this process: nothing happens unless it is told to. */
export type World = {
  machine: Machine;
  intake: ModelIntake;
  account: Account;
  /** What power cuts took. */
  lost: Set<string>;
  /** Dropped records that power cuts took from the counters; `again`: those that may have come back, to be dropped again. */
  forgotten(): { all: number; again: number };
  /** What must never happen. */
  faults: string[];
  agent(): Process;
  breaks(what: Broken): void;
  arrive(queue: DataQueue, record: Omit<NewRecord, "key">): Promise<void>;
  capture(): Promise<void>;
  release(): Promise<void>;
  /** Another process aggregates and sends everything. */
  flush(): Promise<void>;
  /** A process that was killed is started again; true when there was one. */
  revive(): Promise<boolean>;
  /** SIGTERM, and a start. */
  restart(): Promise<void>;
  /** The machine loses its power and boots with a clock that shows that time. */
  powerCut(shows: number): Promise<void>;
  /** Records in all queues. */
  remaining(): Promise<number>;
  dropped(): Promise<number>;
  remove(): Promise<void>;
};

export async function createWorld(open: (now: () => number) => Promise<Medium>): Promise<World> {
  const machine = createMachine();
  const medium = await open(machine.now);
  const account = createAccount();
  const safety = createSafety();
  const lost = new Set<string>();
  const forgotten = { all: 0, again: 0 };
  let broken: Broken = "no";
  /** Captures that are in the memory of the process only. */
  let unstored: string[] = [];
  const intake = modelIntake(() => agent.clock.heard({ type: "answered", date: machine.time() }));
  const { faults } = intake;
  const wrapper = await appWrapper(CONFIG, async () => {});
  let beside = medium.beside();
  const around = {
    machine,
    medium,
    intake,
    wrapper,
    sent: safety.sent,
    capture: () => {
      const number = account.capture();
      unstored.push(`capture ${number}`);
      return number;
    },
    fault: (what: string) => void faults.push(what),
  };
  let agent = startProcess(around);

  /** After each delivery; only after a good one what was taken is in no queue any more. */
  const settle = (good: boolean) => {
    if (!good || intake.mood !== "takes") for (const id of intake.unsettled) intake.uncertain.add(id);
    intake.unsettled.clear();
  };
  const lose = (ids: readonly string[], why: string) => {
    for (const id of ids) {
      if (intake.taken.has(id) || lost.has(id)) continue;
      lost.add(id);
      // Raw metrics wait for the end of their window.
      const isFinal = id.startsWith("capture") || id.startsWith("log");
      if (why === "power" && isFinal && (account.made.get(id) ?? 0) < safety.made())
        faults.push(`the power cut took ${id}, which was safe`);
    }
  };
  /** Starts the next process after the end of one. */
  const start = async () => {
    // What the process could not store is gone with it.
    const { lost: hot, kept } = await medium.contents();
    const stored = new Set([...hot, ...kept].flatMap(idsIn));
    lose(
      unstored.filter((id) => !stored.has(id)),
      "memory",
    );
    unstored = [];
    safety.restarted();
    agent = startProcess(around);
  };
  /** Counted with a card that can be read. */
  const dropped = async () => {
    medium.breaks("no");
    const counts = Object.values(await readDropped(beside));
    medium.breaks(broken);
    return counts.reduce((sum, count) => sum + count, 0);
  };

  return {
    machine,
    intake,
    account,
    lost,
    forgotten: () => forgotten,
    faults,
    agent: () => agent,
    breaks: (what) => {
      broken = what;
      medium.breaks(what);
    },
    arrive: (queue, record) =>
      beside.commit({ add: [{ queue, records: [{ key: crypto.randomUUID(), ...record }] }] }),
    capture: async () => {
      machine.pass(1);
      if (await agent.capture()) unstored = [];
    },
    release: async () => {
      safety.begin(machine.monotonic(), account.made.size);
      const good = (await agent.release()) && !agent.life.dead();
      settle(good);
      if (good) safety.end(broken === "no");
    },
    flush: async () => {
      const other = startProcess({ ...around, sent: () => {} });
      await other.end();
      settle(true);
      await other.storage.close();
    },
    revive: async () => {
      if (!agent.life.dead()) return false;
      await agent.storage.close();
      await start();
      return true;
    },
    restart: async () => {
      await agent.end();
      settle(!agent.life.dead());
      if (!agent.life.dead() && broken === "no") {
        safety.kept(account.made.size);
        unstored = [];
      }
      await agent.storage.close();
      await start();
    },
    powerCut: async (shows) => {
      const before = await dropped();
      agent.life.kill();
      await agent.storage.close();
      await beside.close();
      const { lost: hot, kept, back } = await medium.contents();
      const left = new Set(kept.flatMap(idsIn));
      lose(
        hot.flatMap(idsIn).filter((id) => !left.has(id)),
        "power",
      );
      await medium.powerCut();
      machine.boot(shows);
      beside = medium.beside();
      await start();
      const gone = before - (await dropped());
      forgotten.all += gone;
      const returned = back.flatMap(idsIn);
      for (const id of returned) if (intake.taken.has(id)) intake.uncertain.add(id);
      forgotten.again += Math.min(gone, returned.filter((id) => !intake.taken.has(id)).length);
    },
    remaining: async () => {
      let count = 0;
      for (const queue of QUEUES) count += (await beside.size(queue)).count;
      return count;
    },
    dropped,
    remove: async () => {
      await agent.storage.close();
      await beside.close();
      await medium.remove();
    },
  };
}
