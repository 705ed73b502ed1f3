#!/bin/sh
# verify.sh DIR: whether a release folder is whole and signed by the key that its own install.sh trusts, and the executables in it
# are compressed without a fault. Says what is wrong, and ends with exit code 1.
set -eu
if [ $# != 1 ]; then
  echo "usage: scripts/release/verify.sh DIR" >&2
  exit 2
fi
cd "$1"

refuse() {
  echo "verify.sh: $1" >&2
  exit 1
}

for file in SHA256SUMS SHA256SUMS.sig install.sh VERSION; do [ -s "$file" ] || refuse "$file is missing"; done
key=$(mktemp)
trap 'rm -f "$key"' EXIT
{
  echo '-----BEGIN PUBLIC KEY-----'
  sed -n "s/^PUBLIC_KEY='\(.*\)'\$/\1/p" install.sh | fold -w 64
  echo '-----END PUBLIC KEY-----'
} >"$key"
openssl dgst -sha256 -verify "$key" -signature SHA256SUMS.sig SHA256SUMS >/dev/null 2>&1 ||
  refuse "SHA256SUMS is not signed by the key in install.sh"
wrong=$(sha256sum -c --quiet SHA256SUMS 2>/dev/null) || refuse "not what was signed: $wrong"
for file in *; do
  case $file in
    SHA256SUMS | SHA256SUMS.sig) ;;
    *) awk -v name="$file" '$2 == name { found = 1 } END { exit !found }' SHA256SUMS || refuse "$file is not in SHA256SUMS" ;;
  esac
done
gzip -t chouette-*.gz
