import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Identity, identify } from "../../../src/plugins/cgroups/identity.ts";

const ID = "2227daf62df6694645fee5df53c1f91271546a9560e8600a525690ae252b7f63";
const SLICE = "kubepods-burstable-pod90d81341_92de_11e7_8cf2_507b9d4141fa.slice";
const UID = "90d81341-92de-11e7-8cf2-507b9d4141fa";

const container = (runtime: string, podUid?: string, user?: string) => ({
  kind: "container",
  id: ID,
  runtime,
  podUid,
  user,
});
const lxc = (id: string) => ({ kind: "container", id, runtime: "lxc", podUid: undefined, user: undefined });
const service = (unit: string, user?: string) => ({ kind: "service", unit, user });

test.each<[string, unknown]>([
  // Docker
  [`docker/${ID}`, container("docker")],
  [`system.slice/docker-${ID}.scope`, container("docker")],
  [`my.slice/docker-${ID}.scope`, container("docker")],
  [`my-parent/${ID}`, container("unknown")],
  ["docker", undefined],
  ["docker/my-container", undefined],
  ["docker/buildkit/x1y2z3", undefined],
  [`docker/${ID.toUpperCase()}`, undefined],
  ["system.slice/docker.service", service("docker.service")],
  // containerd
  [`system.slice/nerdctl-${ID}.scope`, container("containerd")],
  [`default/${ID}`, container("containerd")],
  [`k8s.io/${ID}`, container("containerd")],
  // Kubernetes
  [
    `kubepods.slice/kubepods-burstable.slice/${SLICE}/cri-containerd-${ID}.scope`,
    container("containerd", UID),
  ],
  [`kubepods.slice/${SLICE}/docker-${ID}.scope`, container("docker", UID)],
  [`kubepods/burstable/pod${UID}/${ID}`, container("unknown", UID)],
  [`kubepods/pod${UID}/crio-${ID}`, container("cri-o", UID)],
  [
    `kubepods.slice/kubepods-podd10e5a6b7c8d9e0f11223344556677aa.slice/crio-${ID}.scope`,
    container("cri-o", "d10e5a6b7c8d9e0f11223344556677aa"),
  ],
  [`system.slice/containerd.service/${SLICE}:cri-containerd:${ID}`, container("containerd", UID)],
  [`kubelet/kubepods/burstable/pod${UID}/${ID}`, container("unknown", UID)],
  [`kubepods.slice/${SLICE}`, undefined],
  [`kubepods/pod${UID}/crio-conmon-${ID}.scope`, undefined],
  // Podman
  [`machine.slice/libpod-${ID}.scope`, container("podman")],
  [`libpod_parent/libpod-${ID}`, container("podman")],
  [`libpod_parent/${ID}`, undefined],
  [`libpod_parent/${ID}/libpod-${ID}`, container("podman")],
  [`machine.slice/libpod-conmon-${ID}.scope`, undefined],
  [
    `user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
    container("podman", undefined, "1000"),
  ],
  [
    `user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-${ID}`,
    container("podman", undefined, "1000"),
  ],
  [`system.slice/web.service/libpod-payload-${ID}`, container("podman")],
  [`docker/outer/k8s.io/${ID}`, container("containerd")],
  // LXC
  ["lxc.payload.web", lxc("web")],
  ["lxc.payload/web", lxc("web")],
  ["lxc/101", lxc("101")],
  ["lxc/web.service", lxc("web.service")],
  ["lxc.monitor/101", undefined],
  ["lxc", undefined],
  ["lxc.monitor.web", undefined],
  // systemd
  ["system.slice/ssh.service", service("ssh.service")],
  ["system.slice/system-getty.slice/getty@tty1.service", service("getty@tty1.service")],
  ["system.slice/_cpu.service", service("cpu.service")],
  ["machine.slice/systemd-nspawn@web.service", service("systemd-nspawn@web.service")],
  ["user.slice/user-1000.slice/user@1000.service/app.slice/mpd.service", service("mpd.service", "1000")],
  ["user.slice/user-1000.slice/session-3.scope", { kind: "session", unit: "session-3.scope", user: "1000" }],
  ["user.slice/user-1000.slice/user@1000.service", undefined],
  ["system.slice", undefined],
  ["init.scope", undefined],
  ["system.slice/dbus.socket", undefined],
  ["constructor/toString", undefined],
  ["", undefined],
])("%s", (path, expected) => {
  expect<unknown>(identify(path)).toEqual(expected);
});

test("any path is a container, a service, a session or nothing", () => {
  const segment = fc.oneof(
    fc.string(),
    fc.constantFrom("docker", "ecs", SLICE, ID, "user-1000.slice", "libpod_parent", "a.service"),
  );
  const kinds: (Identity["kind"] | undefined)[] = ["container", "service", "session", undefined];
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
      expect(kinds).toContain(identify(segments.join("/"))?.kind);
    }),
  );
});
