#!/usr/bin/env bash
# Every test of the project that takes minutes, on real servers: sets up what is missing, checks types and style, builds, and runs the
# tests. Arguments go to the test runner, which then runs nothing else: scripts/test.sh test/aggregate
# What needs root is left out without it (test/rigs): control groups, container engines, systemd, ARM under emulation.
# Whole emulated machines are in scripts/test-install.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh redis-server victoria-metrics openssl shellcheck
PATH="$PWD/node_modules/.bin:$PATH"
. scripts/test-runner.sh

tsc --noEmit -p .
biome check .
shellcheck -x install.sh scripts/release.sh scripts/release/*.sh scripts/machines/*.sh scripts/test*.sh
bun run build.ts

if [ $# -gt 0 ]; then
  run "$@"
else
  run
  if [ "$(id -u)" = 0 ]; then
    scripts/setup.sh dockerd=docker.io docker-compose podman runc busybox=busybox-static iptables ip=iproute2 \
      mmdebstrap systemd-nspawn=systemd-container qemu-aarch64-static=qemu-user-static pgrep=procps
    run ./test/rigs/*.rig.ts
  else
    echo "test/rigs is left out: it needs root (sudo $0)"
  fi
fi
finish
