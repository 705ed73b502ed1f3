#!/usr/bin/env bash
# Measures speed, memory and bytes, each beside a bare equivalent in the same run. Prints a table and then JSON.
# BENCH_RECORDS (1000000) and BENCH_IDLE_SECONDS (180) make it shorter. Takes some 8 minutes on 2 cores.
# scripts/bench.sh plugins: what captures cost instead; BENCH_IDLE_SECONDS (120). Some 4 minutes; as root on the kernel's own
# control groups.
# scripts/bench.sh dogstatsd: what it costs to receive DogStatsD, beside a process that only reads it, npm's statsd, collectd, netdata
# and redis-server; as root on a unix datagram socket, too. Some 4 minutes.
# scripts/bench.sh redis-protocol: what a Python client writes by the protocol of Redis, beside redis-server. Half a minute.
# scripts/bench.sh logs: what logs of files and the journal cost, beside cat and rsyslogd; BENCH_RECORDS, BENCH_JOURNAL (100000 entries),
# BENCH_IDLE_SECONDS (60), BENCH_BACKLOG (0; bytes in a file, at which memory is watched). Some 4 minutes.
# scripts/bench.sh wire: what a device sends in a month with TLS; BENCH_WIRE_MINUTES (10). Some 13 minutes, mostly waiting.
# scripts/bench.sh link: what arrives after three days offline over slow, lossy and broken links. Some 7 minutes.
# scripts/bench.sh bytes: what a day in health and a day offline write to the card, on an ext4 of its own; as root; BENCH_HOURS (24).
# Some 15 minutes; with fewer hours the start weighs more.
set -euo pipefail
cd "$(dirname "$0")/.."
main=main.ts
programs=(redis-server)
if [ "${1:-}" = plugins ]; then
  main=plugins.ts
  programs+=(openssl prometheus-node-exporter)
fi
if [ "${1:-}" = dogstatsd ]; then
  main=dogstatsd.ts
  programs+=(collectd=collectd-core netdata=netdata-core /usr/lib/python3/dist-packages/redis=python3-redis)
fi
if [ "${1:-}" = redis-protocol ]; then
  main=redis-protocol.ts
  programs+=(/usr/lib/python3/dist-packages/redis=python3-redis)
fi
if [ "${1:-}" = logs ]; then
  main=logs.ts
  programs=(node=nodejs rsyslogd=rsyslog /lib/systemd/systemd-journal-remote=systemd-journal-remote)
fi
if [ "${1:-}" = wire ]; then
  main=wire.ts
  programs=(openssl)
fi
if [ "${1:-}" = bytes ]; then
  main=bytes.ts
  programs=(node=nodejs mkfs.ext4=e2fsprogs)
fi
if [ "${1:-}" = link ]; then
  main=link.ts
  programs=()
fi
scripts/setup.sh "${programs[@]}"
PATH="$PWD/node_modules/.bin:$PATH"
bun run build.ts >&2
exec bun "scripts/bench/$main"
