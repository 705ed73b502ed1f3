import { describe, expect, test } from "bun:test";
import type { PluginOutcome } from "../../src/jobs/supervise.ts";
import { watch } from "./log-reports-rig.ts";

const outcome: PluginOutcome = { plugin: "docker", ok: true, points: [], duration: 0.5 };

describe("the log of plugins", () => {
  test("has one line when a plugin begins to fail and one when it works again", () => {
    const { reports, lines } = watch();
    const broken = {
      ...outcome,
      ok: false,
      reason: "permission denied",
      remedy: "sudo usermod -aG docker chouette",
    };
    for (let n = 0; n < 3; n++) reports.plugin(broken);
    expect(lines()).toEqual([
      {
        level: "warn",
        msg: "plugin docker: permission denied",
        remedy: "sudo usermod -aG docker chouette",
      },
    ]);
    for (let n = 0; n < 3; n++) reports.plugin(outcome);
    expect(lines()).toEqual([{ level: "info", msg: "plugin docker works again", was: "permission denied" }]);
    reports.plugin(broken);
    expect(lines()).toHaveLength(1);
  });

  test("has a new line when the reason of a failure changes, but not when only a number in it does", () => {
    const { reports, lines } = watch();
    const reasons = ["not back since 30 s", "not back since 60 s", "permission denied", "not back since 9 s"];
    for (const reason of reasons) reports.plugin({ ...outcome, ok: false, reason });
    expect(lines().map(({ msg }) => msg)).toEqual([
      "plugin docker: not back since 30 s",
      "plugin docker: permission denied",
      "plugin docker: not back since 9 s",
    ]);
  });

  test("has a line for a working plugin only at level debug", () => {
    const { reports, lines } = watch();
    reports.plugin(outcome);
    expect(lines()).toEqual([]);
    const debugging = watch("debug");
    debugging.reports.plugin(outcome);
    expect(debugging.lines()).toEqual([
      { level: "debug", msg: "captured", plugin: "docker", points: 0, seconds: 0.5 },
    ]);
  });

  test("has a working plugin's remark once, and again when it changes", () => {
    const { reports, lines } = watch();
    const says = (reason: string) => reports.plugin({ ...outcome, reason });
    const remedy = "set K8S_CERT_PATH";
    for (let n = 0; n < 3; n++)
      reports.plugin({ ...outcome, reason: "the kubelet's certificate is not verified", remedy });
    expect(lines()).toEqual([
      { level: "info", msg: "plugin docker: the kubelet's certificate is not verified", remedy },
    ]);
    for (const reason of ["3 values left out", "4 values left out", "no Docker here"]) says(reason);
    reports.plugin(outcome);
    reports.plugin(outcome);
    says("no Docker here");
    expect(lines().map(({ msg }) => msg)).toEqual([
      "plugin docker: 3 values left out",
      "plugin docker: no Docker here",
      "plugin docker: no Docker here",
    ]);
  });

  test("does not repeat a remark after a failure in between", () => {
    const { reports, lines } = watch();
    const partly = { ...outcome, reason: "no names" };
    for (const next of [partly, { ...outcome, ok: false, reason: "timed out" }, partly]) reports.plugin(next);
    expect(lines().map(({ level, msg }) => [level, msg])).toEqual([
      ["info", "plugin docker: no names"],
      ["warn", "plugin docker: timed out"],
      ["info", "plugin docker works again"],
    ]);
  });

  test("follows the failures of each plugin apart", () => {
    const { reports, lines } = watch();
    reports.plugin({ ...outcome, ok: false, reason: "a" });
    reports.plugin({ ...outcome, plugin: "k8s", ok: false, reason: "a" });
    reports.plugin({ ...outcome, plugin: "k8s" });
    expect(lines().map(({ msg }) => msg)).toEqual([
      "plugin docker: a",
      "plugin k8s: a",
      "plugin k8s works again",
    ]);
  });
});
