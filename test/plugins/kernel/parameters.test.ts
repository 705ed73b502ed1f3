import { expect, test } from "bun:test";
import { countMemory, kernelParameters } from "../../../src/plugins/kernel/parameters.ts";
import { makeTree } from "../cgroups/tree.ts";

test("the command names the file that is there, the new place first", async () => {
  using both = makeTree({ "/boot/firmware/cmdline.txt": "quiet\n", "/boot/cmdline.txt": "DO NOT EDIT\n" });
  expect(await kernelParameters(both.io, "psi=1")).toBe(
    "Add psi=1 to the end of the one line in /boot/firmware/cmdline.txt and restart: sudo sed -i '1s/$/ psi=1/' /boot/firmware/cmdline.txt && sudo reboot",
  );
  using old = makeTree({ "/boot/cmdline.txt": "quiet\n" });
  expect(await kernelParameters(old.io, "psi=1")).toBe(
    "Add psi=1 to the end of the one line in /boot/cmdline.txt and restart: sudo sed -i '1s/$/ psi=1/' /boot/cmdline.txt && sudo reboot",
  );
});

test("an unreadable file exists", async () => {
  using tree = makeTree();
  const io = { ...tree.io, readText: () => Promise.reject(new Error("permission denied")) };
  expect(await kernelParameters(io, "psi=1")).toContain("in /boot/firmware/cmdline.txt and restart");
});

test("on another machine the words alone", async () => {
  using tree = makeTree();
  expect(await kernelParameters(tree.io, "psi=1")).toBe(
    "Add psi=1 to the kernel's parameters (on a Raspberry Pi the end of the one line in /boot/firmware/cmdline.txt, on older images /boot/cmdline.txt) and restart: sudo reboot",
  );
});

test("what makes the kernel count the memory of containers", async () => {
  using tree = makeTree({ "/boot/cmdline.txt": "quiet\n" });
  expect(await countMemory(tree.io)).toBe(
    "Add cgroup_enable=memory cgroup_memory=1 to the end of the one line in /boot/cmdline.txt and restart: sudo sed -i '1s/$/ cgroup_enable=memory cgroup_memory=1/' /boot/cmdline.txt && sudo reboot",
  );
});
