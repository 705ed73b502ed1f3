#!/usr/bin/env bash
# pack.sh [--dist DIR] OUT: the folder that is published, from what build.ts has put into DIR (dist) and from the tree: executables
# (those that are there) compressed, Debian packages of them, unit, configuration, completions,
# man page, install.sh with the key and the address in it, SBOM, checksums, signature.
# CHOUETTE_SIGNING_KEY is the path of the private key (see new-key.sh). Without it CHOUETTE_PUBLIC_KEY has the text of its public half,
# and the folder is left for sign.sh to sign. CHOUETTE_RELEASES_URL is where releases are published:
# files are fetched from $CHOUETTE_RELEASES_URL/latest/download/FILE and …/download/v0.1.0/FILE, as on GitHub.
# Twice the same but for SHA256SUMS.sig: ECDSA has a random number in each signature.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)

refuse() {
  echo "pack.sh: $1" >&2
  exit 1
}

dist=$tree/dist
if [ "${1:-}" = --dist ] && [ $# -ge 2 ]; then
  dist=$2
  shift 2
fi
if [ $# != 1 ] || [ "${1#-}" != "$1" ]; then
  echo "usage: CHOUETTE_SIGNING_KEY=FILE CHOUETTE_RELEASES_URL=https://… scripts/release/pack.sh [--dist DIR] OUT" >&2
  exit 2
fi
out=$1

key=${CHOUETTE_SIGNING_KEY:-}
if [ -n "$key" ]; then
  [ -r "$key" ] || refuse "the key $key cannot be read: set CHOUETTE_SIGNING_KEY to the path of the private key"
  # With -passin a key with a password is refused instead of asked for.
  public_key=$(openssl ec -in "$key" -passin pass: -pubout 2>/dev/null) || true
else
  key=CHOUETTE_PUBLIC_KEY public_key=${CHOUETTE_PUBLIC_KEY:-}
  [ -n "$public_key" ] || refuse "no key to sign with: set CHOUETTE_SIGNING_KEY to its path; scripts/release/new-key.sh makes one"
fi
# In one line, the base64 between BEGIN and END.
public_key=$(sed '/^-----/d' <<<"$public_key" | tr -d '[:space:]')
# 91 bytes, and the first of them include the identifier of P-256.
[[ $public_key =~ ^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==$ ]] ||
  refuse "$key is not an ECDSA key of curve P-256 without a password: scripts/release/new-key.sh makes one"
keys=$tree/scripts/release/KEYS
if [ -e "$keys" ] && [ "$(awk 'END { print $1 }' "$keys")" != "$public_key" ]; then
  refuse "the newest key in scripts/release/KEYS is another one than $key: devices would refuse this release; scripts/release/change-key.sh adds a key"
fi

releases=${CHOUETTE_RELEASES_URL:-}
releases=${releases%/}
[[ $releases =~ ^https?://[A-Za-z0-9._~:/%-]+$ ]] ||
  refuse "no address: set CHOUETTE_RELEASES_URL to where releases are published, such as https://github.com/OWNER/chouette/releases"

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$tree/package.json")
[ -n "$version" ] || refuse "package.json has no version"
# The section below "## 0.1.0" (or "## 0.1.0 (a date)"), without the blank lines around it.
notes=$(awk -v version="$version" '/^## /{ on = $2 == version; next } on' "$tree/CHANGELOG.md" | sed '/./,$!d')
[ -n "$notes" ] || refuse "CHANGELOG.md has no entry \"## $version\": write what is new there, or fix the version in package.json"

executables=()
for target in linux-x64 linux-arm64 linux-armv7; do
  [ ! -e "$dist/chouette-$target" ] || executables+=("chouette-$target")
done
[ ${#executables[@]} -gt 0 ] || refuse "there is no executable in $dist: node_modules/.bin/bun run build.ts --target all"
case $(uname -m) in x86_64) here=linux-x64 ;; aarch64) here=linux-arm64 ;; *) here=linux-armv7 ;; esac
for name in "${executables[@]}"; do
  # Those of other processors cannot be asked; the version stands in them as a string.
  if [ "$name" = "chouette-$here" ]; then
    is=$("$dist/$name" --version 2>&1 | head -n 1) || true
  else
    is=$(grep -aFq "\"$version\"" "$dist/$name" && echo "$version") || true
  fi
  [ "$is" = "$version" ] ||
    refuse "$dist/$name is ${is:-another version}, and package.json says $version: node_modules/.bin/bun run build.ts --target all"
done

sources=("$tree/systemd/chouette.service" "$tree/systemd/chouette-dogstatsd.socket" "$tree/systemd/chouette.env" "$dist/sbom.cdx.json" "$dist/THIRD-PARTY-NOTICES.txt"
  "$dist/chouette.bash" "$dist/chouette.zsh" "$dist/chouette.fish" "$dist/chouette.1" "$tree/scripts/deploy/Dockerfile" "$tree/scripts/deploy/docker-compose.yml" "$tree/scripts/deploy/kubernetes.yaml")
dashboards=(README.md import.sh preview.svg datadog-dashboard.json datadog-monitors.jsonl datadog-metrics.jsonl grafana-dashboard.json)
for file in "${sources[@]}" "${dashboards[@]/#/$tree/scripts/dashboards/}" "$tree/install.sh"; do
  [ -s "$file" ] && continue
  case $file in "$dist"/*) refuse "$file is missing: node_modules/.bin/bun run build.ts --target all" ;; *) refuse "$file is missing" ;; esac
done
for name in "${executables[@]}"; do
  grep -q "$name" "$dist/THIRD-PARTY-NOTICES.txt" ||
    refuse "THIRD-PARTY-NOTICES.txt says nothing of $name: node_modules/.bin/bun run build.ts --target all"
done
[ -z "$(ls -A "$out" 2>/dev/null)" ] || refuse "$out is not empty: remove it, or name another folder"

work=$out.partial
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
mkdir -p "$work"
for name in "${executables[@]}"; do gzip -9nc "$dist/$name" >"$work/$name.gz"; done
install -m 644 "${sources[@]}" "$work/"
[ ! -e "$keys" ] || install -m 644 "$keys" "$work/"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=rX -C "$tree/scripts" -c "${dashboards[@]/#/dashboards/}" |
  gzip -9n >"$work/dashboards.tar.gz"
sed "s|^PUBLIC_KEY=''\$|PUBLIC_KEY='$public_key'|; s|^RELEASES=''\$|RELEASES='$releases'|" "$tree/install.sh" >"$work/install.sh"
for line in "PUBLIC_KEY='$public_key'" "RELEASES='$releases'"; do
  grep -Fqx "$line" "$work/install.sh" || refuse "install.sh has no line ${line%%=*}='' to fill in"
done
chmod 755 "$work/install.sh"
echo "$version" >"$work/VERSION"
echo "$notes" >"$work/NOTES.md"
"$tree/scripts/release/deb.sh" "$work"

# The names are listed before the file is there.
sums=$(cd "$work" && sha256sum -- *)
echo "$sums" >"$work/SHA256SUMS"
[ -z "${CHOUETTE_SIGNING_KEY:-}" ] || "$tree/scripts/release/sign.sh" "$work"
[ ! -d "$out" ] || rmdir "$out"
mv "$work" "$out"
