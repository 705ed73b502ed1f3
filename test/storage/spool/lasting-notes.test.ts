import { afterEach, beforeEach, expect, test } from "bun:test";
import { openSqlite } from "../../../src/storage/sqlite/sqlite.ts";
import { type SpoolRig, spoolRig } from "./rig.ts";

let rig: SpoolRig;
beforeEach(async () => {
  rig = await spoolRig(openSqlite)();
});
afterEach(() => rig.close());

test("counts of dropped records and captured seconds go to the card with what waits, and nothing else does", async () => {
  await rig.storage.commit({
    notes: { captured: "[[1,2]]", clock: "{}" },
    dropped: { expired: 3 },
  });
  await rig.storage.persist();
  expect(await rig.storage.note("dropped:expired")).toBe("3");
  await rig.storage.commit({ dropped: { expired: 2 } });
  expect(await rig.storage.notes("dropped:")).toEqual({ "dropped:expired": "5" });
  await rig.storage.persist();
  const card = rig.card();
  expect(await card.notes("")).toEqual({
    captured: "[[1,2]]",
    "dropped:expired": "5",
    moved: expect.any(String),
  });
  await card.close();
});
