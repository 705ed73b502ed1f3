import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseEnvFile } from "../../src/config/env-file.ts";
import { absent, call, fails, works } from "./test-plugins-rig.ts";

describe("the line for the environment file", () => {
  const configured = { configured: true };
  const suggestion = async (plugins: Parameters<typeof call>[0]) =>
    (await call(plugins)).printed.split("\n\n").at(-1);

  test("nothing is configured yet", async () => {
    expect(await suggestion({ docker: fails, host: works, rpi: works, tegrastats: absent })).toBe(
      'What this machine has, for the environment file:\nCOLLECT_PLUGINS=["host","rpi"]\n',
    );
  });

  test("something is configured: what it lacks, what is there in vain, and the whole line", async () => {
    const plugins = {
      "/etc/chouette/thermometer.js": { ...works, ...configured },
      docker: { ...fails, ...configured },
      tegrastats: { ...absent, ...configured },
      host: works,
      k8s: absent,
      rpi: works,
    };
    expect(await suggestion(plugins)).toBe(`This machine also has: host, rpi
COLLECT_PLUGINS names what this machine does not have: tegrastats
For the environment file:
COLLECT_PLUGINS=["/etc/chouette/thermometer.js","docker","host","rpi"]
`);
  });

  test("all is configured", async () => {
    expect(await suggestion({ host: { ...works, ...configured }, rpi: absent })).toBe(
      'COLLECT_PLUGINS names everything that this machine has. For the environment file:\nCOLLECT_PLUGINS=["host"]\n',
    );
  });

  test("commands are known without their arguments, which may be secret: they are to be put back by hand", async () => {
    const plugins = {
      "exec:curl": { ...works, ...configured },
      "exec:curl#2": { ...works, ...configured },
      host: works,
    };
    expect(await suggestion(plugins)).toBe(`This machine also has: host
Commands are not shown with their arguments; keep them in the list as they are: exec:curl, exec:curl#2
For the environment file:
COLLECT_PLUGINS=["host"]
`);
  });

  test("nothing can be captured", async () => {
    expect(await suggestion({ docker: fails, rpi: absent })).toBe(
      "Nothing of this machine can be captured now; why is said above.\nCOLLECT_PLUGINS=[]\n",
    );
  });

  test("an environment file gives back what the line names, whatever stands in a path", async () => {
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

  test("is not given to those who asked for a plugin by its name", async () => {
    expect((await call({ host: works }, { names: ["host"] })).printed).not.toContain("COLLECT_PLUGINS");
  });
});
