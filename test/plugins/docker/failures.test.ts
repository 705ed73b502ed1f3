import { expect, test } from "bun:test";
import { IoError, PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { docker } from "../../../src/plugins/docker/docker.ts";
import { settings } from "../../helpers/plugin-settings.ts";

test.each([
  ["absent", "no Docker here", undefined],
  ["denied", undefined, "usermod -aG docker"],
  ["refused", undefined, "systemctl start docker"],
  ["other", undefined, "journalctl -u docker"],
] as const)("a failure %s is known by its code, whatever its words", async (code, reason, remedy) => {
  const getJson = () => Promise.reject(new IoError("GET", code, "Wörter, die niemand kennt"));
  const place = () => ({ container: false, user: "chouette", uid: 998 });
  const io = { ...createIo({ root: "/" }), place, getJson };
  const collector = docker.create({ socketPath: "/docker.sock", metrics: ["memory"] }, io, settings);
  const outcome = await collector.collect(0, new AbortController().signal).catch((error: unknown) => error);
  expect(outcome).toMatchObject({
    ...(reason !== undefined && { reason: expect.stringContaining(reason) }),
    ...(remedy !== undefined && { remedy: expect.stringContaining(remedy) }),
  });
  expect(outcome instanceof PluginError).toBe(reason === undefined);
});
