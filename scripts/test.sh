#!/usr/bin/env bash
# Runs every test that takes minutes at most, on real servers: installs what is missing, checks types and style, builds, and tests.
# With arguments it runs only those tests: scripts/test.sh test/aggregate
# Without root it leaves out test/rigs: control groups, container engines, systemd, ARM under emulation.
# Whole emulated machines are in scripts/test-install.sh.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")/.."
scripts/setup.sh redis-server victoria-metrics openssl cc=gcc /usr/include/dlfcn.h=libc6-dev shellcheck groff=groff-base logrotate /lib/systemd/systemd-journal-remote=systemd-journal-remote \
  /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring /usr/lib/python3/dist-packages/redis=python3-redis \
  /usr/lib/python3/dist-packages/hiredis=python3-hiredis /usr/lib/python3/dist-packages/statsd=python3-statsd \
  /usr/lib/python3/dist-packages/aiodogstatsd=python3-aiodogstatsd
PATH="$PWD/node_modules/.bin:$PATH"
. scripts/test-runner.sh

tsc --noEmit -p .
biome check .
shellcheck -x install.sh scripts/release.sh scripts/release/*.sh scripts/release/deb/* scripts/machines/*.sh scripts/dashboards/*.sh scripts/soak.sh scripts/test*.sh
bun run build.ts

if [ $# -gt 0 ]; then
  run "$@"
  finish
fi

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; fi; }

if [ "$(id -u)" = 0 ]; then
  scripts/setup.sh dockerd=docker.io docker-compose podman runc busybox=busybox-static iptables ip=iproute2 \
    mmdebstrap systemd-nspawn=systemd-container qemu-aarch64-static=qemu-user-static pgrep=procps mkfs.ext4=e2fsprogs
else
  echo "skipping test/rigs, which needs root (sudo $0)"
fi

# Most tests wait for an interval or a service, so that two of them can run at a time; only one may take port 8125.
{
  run test/!(e2e|rigs)
  as_root run ./test/rigs/@(deb|dogstatsd|install*).rig.ts
} >"$results/beside" &
run test/e2e
as_root run ./test/rigs/!(deb|dogstatsd|install*).rig.ts
wait
cat "$results/beside"
finish
