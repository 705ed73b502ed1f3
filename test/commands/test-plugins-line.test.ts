import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseEnvFile } from "../../src/config/env-file.ts";
import { absent, call, fails, works } from "./test-plugins-rig.ts";

describe("the suggested COLLECT_PLUGINS", () => {
  const configured = { configured: true };
  const suggestion = async (plugins: Parameters<typeof call>[0]) =>
    (await call(plugins)).printed.split("\n\n").at(-1);

  test("lists every plugin that works when none is configured", async () => {
    expect(await suggestion({ docker: fails, host: works, rpi: works, tegrastats: absent })).toEndWith(
      ':\nCOLLECT_PLUGINS=["host","rpi"]\n',
    );
  });

  test("adds what is available, drops what is not, and names both", async () => {
    const plugins = {
      "/etc/chouette/thermometer.js": { ...works, ...configured },
      docker: { ...fails, ...configured },
      tegrastats: { ...absent, ...configured },
      host: works,
      k8s: absent,
      rpi: works,
    };
    expect(await suggestion(plugins)).toBe(`Also available on this machine: host, rpi
Configured, but not available on this machine: tegrastats
For the environment file:
COLLECT_PLUGINS=["/etc/chouette/thermometer.js","docker","host","rpi"]
`);
  });

  test("is the configured one when that is complete", async () => {
    expect(await suggestion({ host: { ...works, ...configured }, rpi: absent })).toMatch(
      /^COLLECT_PLUGINS already .*:\nCOLLECT_PLUGINS=\["host"\]\n$/,
    );
  });

  test("leaves out commands, whose arguments may be secret, and says to keep them", async () => {
    const plugins = {
      "exec:curl": { ...works, ...configured },
      "exec:curl#2": { ...works, ...configured },
      host: works,
    };
    expect(await suggestion(plugins)).toBe(`Also available on this machine: host
Commands are listed without their arguments; keep their entries as they are: exec:curl, exec:curl#2
For the environment file:
COLLECT_PLUGINS=["host"]
`);
  });

  test("is empty when no plugin works", async () => {
    expect(await suggestion({ docker: fails, rpi: absent })).toEndWith("\nCOLLECT_PLUGINS=[]\n");
  });

  test("survives the round trip through an environment file, whatever characters a path has", async () => {
    const path = fc
      .string({ unit: fc.constantFrom(..."ab é#;$'\"\\\n\t\u2028,[]="), minLength: 1 })
      .map((text) => `/${text}/x`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { minLength: 1 }), async (paths) => {
        const plugins = Object.fromEntries(paths.map((path) => [path, { ...works, ...configured }]));
        const { printed } = await call(plugins);
        const line = printed.trimEnd().split("\n").at(-1) ?? "";
        const { env, issues } = parseEnvFile(line);
        expect([issues, JSON.parse(env.COLLECT_PLUGINS ?? "")]).toEqual([[], paths]);
      }),
    );
  });

  test("is not printed when plugins are named on the command line", async () => {
    expect((await call({ host: works }, { names: ["host"] })).printed).not.toContain("COLLECT_PLUGINS");
  });
});
