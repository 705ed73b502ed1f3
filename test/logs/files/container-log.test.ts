import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { containerOf } from "../../../src/logs/files/container-log.ts";

const ROOT = "test/fixtures/container-logs";
const DOCKER = "/var/lib/docker/containers";
const PODMAN = "/var/lib/containers/storage/overlay-containers";
const ID = "a".repeat(64);
const idIn = (directory: string) =>
  readdirSync(`${ROOT}${directory}`).find((name) => /^[0-9a-f]{64}$/.test(name)) ?? "";

const WEB = { service: "web", tags: ["container:web"] };
const POD = { format: "cri", service: "x", tags: ["container:x", "namespace:shop", "pod:web-0"] } as const;

test.each([
  [`${DOCKER}/${idIn(DOCKER)}/${idIn(DOCKER)}-json.log`, { format: "docker", ...WEB }],
  [`${PODMAN}/${idIn(PODMAN)}/userdata/ctr.log`, { format: "cri", ...WEB }],
  ["/var/log/pods/shop_web-0_90d81341-92de-11e7-8cf2-507b9d4141fa/x/3.log", POD],
  [`/var/log/containers/web-0_shop_x-${ID}.log`, POD],
] as const)("%s is named as the plugins name the container", (path, container) => {
  expect(containerOf(path, ROOT)).toEqual(container);
});

test.each([
  [`${DOCKER}/${ID}/${ID}-json.log`, "docker"],
  [`${PODMAN}/${ID}/userdata/ctr.log`, "cri"],
] as const)("a container without a name in %s has its short id", (path, format) => {
  const name = "aaaaaaaaaaaa";
  expect(containerOf(path, ROOT)).toEqual({ format, service: name, tags: [`container:${name}`] });
});

test.each([
  "/var/log/syslog",
  `/var/lib/docker/containers/${ID}/${"b".repeat(64)}-json.log`,
  "/var/log/pods/shop_web-0/x/3.log",
  "/var/log/pods/shop_web-0_uid/x/3.log.20260102-030405",
])("%s is not the log of a container", (path) => {
  expect(containerOf(path, ROOT)).toBeUndefined();
});
