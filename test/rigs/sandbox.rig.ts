import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ContainerEngine, startDocker } from "./container-engines.ts";
import { installService, type Service } from "./service.ts";

/** scripts/test.sh: what plugins see in the unit's sandbox is what the same user sees outside of it. As root. */
setDefaultTimeout(60_000);

const DOCKER_GROUP = 990;

/** What they are asked: everything, of a machine that has something for each of them. */
const ENV = {
  HOST_COLLECTOR_METRICS:
    "cpu fs la ram network swap disk_io uptime cpu_cores temperature inodes psi processes",
  RPI_METRICS: "temp throttled root clock emmc",
  COLLECT_PLUGINS: "exec:/srv/look",
  TEGRASTATS_PATH: "/srv/tegrastats",
};

/** Of a Raspberry Pi and of a Jetson the programs, which are asked as they are there. */
const PROGRAMS = {
  "/usr/bin/vcgencmd": `#!/bin/sh
case $1 in
  get_throttled) echo throttled=0x50000 ;;
  measure_temp) echo "temp=48.3'C" ;;
  measure_clock) echo "frequency(48)=1500000000" ;;
esac
`,
  "/srv/tegrastats": `#!/bin/sh
while :; do
  awk '/^MemTotal/ { printf "RAM 2448/%dMB (lfb 2x2MB) CPU@40C GPU@37.5C\\n", $2 / 1024 }' /proc/meminfo
  sleep 1
done
`,
  "/srv/look": `#!/bin/sh
echo "home:$(ls /home | wc -l)|g"
echo "programs:$(ls /proc | grep -c '^[0-9]' | sed 's/.*/1/')|g"
echo "links:$(ls /sys/class/net | wc -l)|g"
echo "interfaces:$(ip -oneline link | wc -l)|g"
echo note >/tmp/look && echo "notes:$(wc -l </tmp/look)|g"
`,
};

let engine: ContainerEngine;
let home: string;
let service: Service;
let inside: Plugin[];
let outside: Plugin[];

beforeAll(async () => {
  engine = await startDocker();
  await engine.run("busy-bee", [], "sleep", "1000");
  chownSync(engine.socketPath, 0, DOCKER_GROUP);
  chmodSync(engine.socketPath, 0o660);
  home = mkdtempSync(join(tmpdir(), "chouette-home-"));
  chmodSync(home, 0o755);
  service = await installService({ "/home": home, "/srv/docker": dirname(engine.socketPath) });
  const { machine, sh } = service;
  for (const [path, text] of Object.entries(PROGRAMS)) await machine.write(path, text, 0o755);
  await sh(`chmod 755 /srv/docker; ln -s /srv/docker/docker.sock /run/docker.sock`);
  await sh(`groupadd --gid ${DOCKER_GROUP} docker && usermod -aG docker chouette`);
  const model = "/sys/firmware/devicetree/base/model";
  await sh(`mount -t tmpfs none /sys/firmware && mkdir -p $(dirname ${model})`);
  await machine.write(model, "Raspberry Pi 4 Model B Rev 1.1\0");

  const command = "/usr/local/bin/chouette test-plugins --json";
  await service.override("once", [
    "Type=oneshot",
    "Restart=no",
    "WatchdogSec=0",
    "ExecStart=",
    `ExecStart=${command}`,
    "StandardOutput=file:/run/inside.json",
    "StandardError=journal",
    ...Object.entries(ENV).map(([name, value]) => `Environment="${name}=${value}"`),
  ]);
  await sh("systemctl start chouette");
  inside = pluginsOf(await machine.read("/run/inside.json"));
  const env = Object.entries(ENV).map(([name, value]) => `'${name}=${value}'`);
  const user = "setpriv --reuid chouette --regid chouette --init-groups";
  outside = pluginsOf(
    await sh(`cd / && ${user} env --ignore-environment ${env.join(" ")} ${command} --env-file /dev/null`),
  );
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

test("every plugin was tested, and some have points", () => {
  expect(outside.filter(({ points }) => points.length > 0).map(({ name }) => name)).toEqual([
    "exec:/srv/look",
    "cgroups",
    "docker",
    "host",
    "rpi",
    "tegrastats",
  ]);
});

describe("in the sandbox", () => {
  test("each plugin has the same series and the same reasons as outside", () => {
    expect(inside.map(withoutValues)).toEqual(outside.map(withoutValues));
  });

  test.each(["exec:/srv/look", "rpi", "tegrastats"])("%s gives the same values", (name) => {
    const valuesIn = (plugins: Plugin[]) =>
      plugins.find((plugin) => plugin.name === name)?.points.map(({ metric, value }) => [metric, value]);
    expect(valuesIn(inside)).toEqual(valuesIn(outside));
  });

  test("a root that is read-only only for the agent is not reported as read-only", () => {
    const points = inside.find(({ name }) => name === "rpi")?.points ?? [];
    expect(points.find(({ metric }) => metric.endsWith("root.read_only"))?.value).toBe(0);
  });

  test("file systems have their sizes, also those of homes", () => {
    expect(sizesIn(inside).size).toBeGreaterThan(0);
    expect(sizesIn(inside)).toEqual(sizesIn(outside));
  });
});

/** Bytes of each file system: what is used and what is free, which change while others write. */
function sizesIn(plugins: Plugin[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { metric, value, tags } of plugins.find(({ name }) => name === "host")?.points ?? [])
    if (/\.fs\.(used|free)$/.test(metric)) sizes.set(tags.join(), (sizes.get(tags.join()) ?? 0) + value);
  return sizes;
}

type Plugin = {
  name: string;
  ok: boolean;
  reason: string | null;
  remedy: string | null;
  points: { metric: string; value: number; tags: string[] }[];
};

function pluginsOf(json: string): Plugin[] {
  return JSON.parse(json).plugins;
}

function withoutValues({ name, ok, reason, remedy, points }: Plugin) {
  return { name, ok, reason, remedy, series: points.map(({ metric, tags }) => [metric, ...tags].join(" ")) };
}
