#!/usr/bin/env bash
# From nothing to a service on every kind of device: sets up what is missing, builds the three executables, and runs the tests of
# installation, of the service and of the executables under emulation, the last ones on whole emulated machines. Takes some 50
# minutes on 2 cores, the first time 10 more: systems and disks are kept in ~/.cache/chouette-test (or CHOUETTE_TEST_CACHE), 5 GB.
# Arguments go to the test runner, which then runs nothing else: scripts/test-install.sh ./test/machines/raspberry-pi.machine.ts
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

scripts/quickstart.sh
bun run build.ts --target all
echo "== root file systems and cards of the machines"
bun scripts/machines/prepare.ts

on_this_machine() {
  run test/build test/install test/release test/systemd
  for rig in builds emulated systemd dogstatsd sandbox discovery deb install install-refusals install-devices; do
    run "./test/rigs/$rig.rig.ts"; done
  for executable in "" "linux-arm64 cortex-a53" "linux-armv7 cortex-a7"; do end_to_end "$executable"; done
  for machine in userland deb install install-shells; do run "./test/machines/$machine.machine.ts"; done
}

# Of test/e2e what does not depend on how quick an executable is, which under emulation is some 20 times slower. The argument: which
# one on which processor; without it this machine's.
end_to_end() {
  unset CHOUETTE_EXECUTABLE
  # shellcheck disable=SC2086
  if [ -n "$1" ]; then
    CHOUETTE_EXECUTABLE=$(bun scripts/machines/emulated.ts $1)
    export CHOUETTE_EXECUTABLE
  fi
  run test/e2e/migration.test.ts test/e2e/bad-input.test.ts
  CHOUETTE_ROUNDS=1 run test/e2e/exactness.test.ts --test-name-pattern 'on Redis'
  unset CHOUETTE_EXECUTABLE
}

on_emulated_boards() {
  for machine in raspberry-pi jetson-nano; do run "./test/machines/$machine.machine.ts"; done
}

if [ $# -gt 0 ]; then
  run "${@/#test/./test}"
else
  on_emulated_boards &
  on_this_machine
  wait
fi
finish
