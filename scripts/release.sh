#!/usr/bin/env bash
# release.sh [OUT]: the release of the version in package.json, from this commit: builds the three executables here and once more in
# a fresh clone, which has to give the same bytes, packs and signs them (see scripts/release/pack.sh for the two variables that this
# needs; with CHOUETTE_PUBLIC_KEY instead of the private key, sign.sh has to sign OUT), runs every test, and then writes OUT
# (dist/release): what is published. CHOUETTE_ARMV7_RUNTIME is what build.ts takes as --armv7-runtime, such as nodejs.org.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist/release}

refuse() {
  echo "release.sh: $1" >&2
  exit 1
}

changed=$(git status --porcelain)
[ -z "$changed" ] || refuse "there is something that is in no commit: commit it, or put it away
$changed"
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
for tag in $(git tag --points-at HEAD 'v*'); do
  [ "$tag" = "v$version" ] || refuse "this commit has the tag $tag, and package.json says $version: fix one of them"
done
released=$(git rev-parse --quiet --verify "v$version^{commit}" || true)
[ -z "$released" ] || [ "$released" = "$(git rev-parse HEAD)" ] ||
  refuse "v$version is another commit already: raise the version in package.json and head the changes with it in CHANGELOG.md"
[ ! -e "$out" ] || refuse "$out is there already: remove it"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== building $version"
scripts/setup.sh openssl
build() { PATH="$PWD/node_modules/.bin:$PATH" bun run build.ts --target all ${CHOUETTE_ARMV7_RUNTIME:+--armv7-runtime "$CHOUETTE_ARMV7_RUNTIME"}; }
build

echo "== packing${CHOUETTE_SIGNING_KEY:+ and signing}"
scripts/release/pack.sh "$work/packed"
[ -z "${CHOUETTE_SIGNING_KEY:-}" ] || scripts/release/verify.sh "$work/packed"

echo "== building once more, in a fresh clone"
git clone --quiet . "$work/clone"
(cd "$work/clone" && scripts/setup.sh && build >/dev/null)
for file in chouette-linux-x64 chouette-linux-arm64 chouette-linux-armv7 sbom.cdx.json THIRD-PARTY-NOTICES.txt; do
  cmp "dist/$file" "$work/clone/dist/$file" || refuse "two builds of this commit differ: nobody could check where $file is from"
done

echo "== testing"
scripts/test.sh

mkdir -p "$(dirname "$out")"
mv "$work/packed" "$out"
echo "== $out"
(cd "$out" && du -b -- * | awk '{ printf "%12d  %s\n", $1, $2 }')
