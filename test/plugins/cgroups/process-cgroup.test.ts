import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { identifyProcess, parseProcessCgroup } from "../../../src/plugins/cgroups/process-cgroup.ts";

type Case = {
  content: string;
  source: string;
  expect: Record<"container_id" | "runtime" | "pod_uid" | "unit" | "v2_path", string | null>;
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
      const groups = parseProcessCgroup(content);
      const identity = identifyProcess(groups);
      const container = identity?.kind === "container" ? identity : undefined;
      const found: Case["expect"] = {
        container_id: container?.id ?? null,
        runtime: container?.runtime ?? null,
        pod_uid: container?.podUid ?? null,
        unit: identity?.kind === "service" ? identity.unit : null,
        v2_path: groups.v2 === undefined ? null : `/${groups.v2}`,
      };
      expect(found).toEqual(expected);
    },
  );
});

test("controllers of one line share its group, and the mark of a removed group is no part of its name", () => {
  expect(parseProcessCgroup("6:cpu,cpuacct:/a/b\n0::/system.slice/a.service (deleted)\n")).toEqual({
    v1: new Map([
      ["cpu", "a/b"],
      ["cpuacct", "a/b"],
    ]),
    v2: "system.slice/a.service",
  });
});

test("a group outside one's own namespace is still a session", () => {
  const groups = parseProcessCgroup("0::/../../user-1000.slice/session-520.scope");
  expect(identifyProcess(groups)).toEqual({ kind: "session", unit: "session-520.scope", user: "1000" });
});

test("no text makes it fail", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      identifyProcess(parseProcessCgroup(text));
      identifyProcess(parseProcessCgroup(`0::/${text}`));
    }),
  );
});
