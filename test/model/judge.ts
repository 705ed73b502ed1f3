import { expect } from "bun:test";
import type { World } from "./world.ts";

/** After everything is sent: each record arrived, or is in one counter, or was taken by a power cut; `story` stands in a failure. */
export async function judge(world: World, story = ""): Promise<void> {
  const { account, intake, lost, faults } = world;
  const missing = [...account.made.keys()].filter((id) => !intake.taken.has(id) && !lost.has(id));
  const forgotten = world.forgotten();
  const dropped = (await world.dropped()) + forgotten.all;
  const invented = [...intake.taken.keys()].filter((id) => !account.made.has(id));
  expect({ story, faults, invented, left: await world.remaining() }).toEqual({
    story,
    faults: [],
    invented: [],
    left: 0,
  });
  // Counts are dropped with their point, which may hold several.
  const counts = missing.filter((id) => id.startsWith("count")).length;
  const least = missing.length - counts + Math.min(1, counts);
  // What was taken without an answer may be dropped before it is sent again.
  const most = missing.length + intake.uncertain.size + forgotten.again;
  expect({ story, missing, dropped, is: least <= dropped && dropped <= most }).toMatchObject({ is: true });
}
