#!/bin/sh
# sign.sh DIR: signs the release folder that pack.sh has made without the private key. CHOUETTE_SIGNING_KEY is the path of that key,
# which must be the one whose public half the folder's install.sh has. Checks the folder then, as verify.sh does.
set -eu
if [ $# != 1 ]; then
  echo "usage: CHOUETTE_SIGNING_KEY=FILE scripts/release/sign.sh DIR" >&2
  exit 2
fi

refuse() {
  echo "sign.sh: $1" >&2
  exit 1
}

key=${CHOUETTE_SIGNING_KEY:-}
[ -n "$key" ] || refuse "no key to sign with: set CHOUETTE_SIGNING_KEY to the path of the private key"
for file in SHA256SUMS install.sh; do [ -s "$1/$file" ] || refuse "$1/$file is missing: this is not a folder of pack.sh"; done
public_key=$(openssl ec -in "$key" -passin pass: -pubout 2>/dev/null | sed '/^-----/d' | tr -d '\n') || true
grep -Fqx "PUBLIC_KEY='$public_key'" "$1/install.sh" || refuse "$key is not the private half of the key in $1/install.sh"
openssl dgst -sha256 -sign "$key" -passin pass: -out "$1/SHA256SUMS.sig" "$1/SHA256SUMS"
"$(dirname "$0")/verify.sh" "$1"
