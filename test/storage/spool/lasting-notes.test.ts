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
    notes: { "dropped:chouette:metrics:raw": '{"expired":3}', captured: "[[1,2]]", clock: "{}" },
  });
  await rig.storage.persist();
  const card = rig.card();
  expect(await card.notes("")).toEqual({
    "dropped:chouette:metrics:raw": '{"expired":3}',
    captured: "[[1,2]]",
  });
  await card.close();
});
