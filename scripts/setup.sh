#!/bin/sh
# Installs what the other scripts need and is missing: the packages of package-lock.json (Bun among them), and the programs in the
# arguments, with their Debian package where that has another name: setup.sh openssl dockerd=docker.io; a
# package without a program is known by a file of it.
# Needs Node.js with npm.
set -eu
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=
for program in "$@"; do
  command -v "${program%=*}" >/dev/null 2>&1 || [ -e "${program%=*}" ] || missing="$missing ${program#*=}"
done
if [ -n "$missing" ]; then
  echo "installing$missing" >&2
  # An index that cannot be fetched (a mirror in mid-sync) does not matter while the others have the packages.
  as_root apt-get update -qq >&2 || echo "setup.sh: apt-get update failed in part; trying with the package lists that are there" >&2
  # In runlevel 1 the packages do not start their servers as services: the tests start their own.
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >&2 || {
    echo "setup.sh: these packages cannot be installed:$missing" >&2
    echo "Next: sudo apt-get update && sudo apt-get install$missing, then run this again" >&2
    exit 1
  }
fi

command -v npm >/dev/null 2>&1 || { echo "Node.js with npm is needed: sudo apt-get install nodejs npm" >&2; exit 1; }
if [ ! -e node_modules/.setup ] || [ package-lock.json -nt node_modules/.setup ]; then
  # Not `npm ci`: it requires the builds of Biome for other systems in the lock file, which not every registry mirror has.
  npm install --no-save --no-audit --no-fund --loglevel=error >&2
  # If npm runs no install scripts, Bun's has not put its executable in place.
  node_modules/.bin/bun --version >/dev/null 2>&1 || node node_modules/bun/install.js >&2
  touch node_modules/.setup
fi
