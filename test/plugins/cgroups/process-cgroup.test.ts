import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { identifyProcess } from "../../../src/plugins/cgroups/identity.ts";

type Case = {
  content: string;
  source: string;
  expect: Record<"container_id" | "runtime" | "pod_uid" | "unit", string | null>;
};

const cases: Case[] = readFileSync(join(import.meta.dir, "proc-pid-cgroup.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

describe("captured /proc/<pid>/cgroup", () => {
  test("all of them are there", () => {
    expect(cases).toHaveLength(12);
  });

  test.each(cases.map((it, index) => [index + 1, it] as const))(
    "line %i",
    (_line, { content, expect: expected }) => {
      const identity = identifyProcess(content);
      const container = identity?.kind === "container" ? identity : undefined;
      const found: Case["expect"] = {
        container_id: container?.id ?? null,
        runtime: container?.runtime ?? null,
        pod_uid: container?.podUid ?? null,
        unit: identity?.kind === "service" ? identity.unit : null,
      };
      expect(expected).toMatchObject(found);
    },
  );
});

test("v2 counts first, and the mark of a removed group does not belong to its name", () => {
  expect(
    identifyProcess("6:cpu,cpuacct:/system.slice/b.service\n0::/system.slice/a.service (deleted)\n"),
  ).toEqual({
    kind: "service",
    unit: "a.service",
    user: undefined,
  });
});

test("a group outside its own namespace is still a session", () => {
  expect(identifyProcess("0::/../../user-1000.slice/session-520.scope")).toEqual({
    kind: "session",
    unit: "session-520.scope",
    user: "1000",
  });
});

test("no text makes it fail", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      identifyProcess(text);
      identifyProcess(`0::/${text}`);
    }),
  );
});
