#!/usr/bin/env bash
# From nothing to a service on every kind of device: sets up what is missing, builds the three executables, and runs the tests of
# installation, of the service and of the executables under emulation, the last ones on whole emulated machines. Takes some 40
# minutes on 2 cores, the first time 10 more: systems and disks are kept in ~/.cache/chouette-test (or CHOUETTE_TEST_CACHE), 5 GB.
# Arguments go to the test runner, which then runs nothing else: scripts/test-install.sh test/machines/raspberry-pi.machine.ts
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo "test-install.sh: it starts machines, which needs root: sudo $0" >&2
  exit 1
fi
scripts/setup.sh redis-server victoria-metrics openssl pgrep=procps \
  mmdebstrap systemd-nspawn=systemd-container qemu-aarch64-static=qemu-user-static \
  qemu-system-aarch64=qemu-system-arm fdtput=device-tree-compiler mkfs.ext4=e2fsprogs depmod=kmod cpio
PATH="$PWD/node_modules/.bin:$PATH"
. scripts/test-runner.sh

bun run build.ts --target all

if [ $# -gt 0 ]; then
  run "${@/#test/./test}"
else
  run test/build test/install test/release test/systemd
  for rig in builds emulated systemd discovery install install-refusals; do run "./test/rigs/$rig.rig.ts"; done
  for machine in userland jetson-nano raspberry-pi; do run "./test/machines/$machine.machine.ts"; done
fi
finish
