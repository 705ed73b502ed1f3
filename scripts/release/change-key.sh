#!/bin/sh
# change-key.sh OLD NEW: lets devices that trust the key OLD trust NEW from the next release on: adds to scripts/release/KEYS the public
# half of NEW and the signature of OLD over it. Both are paths of private keys. See README.md beside this file.
set -eu
if [ $# != 2 ]; then
  echo "usage: scripts/release/change-key.sh OLD NEW" >&2
  exit 2
fi
keys=$(dirname "$0")/KEYS

refuse() {
  echo "change-key.sh: $1" >&2
  exit 1
}

public_half() { openssl ec -in "$1" -passin pass: -pubout 2>/dev/null | sed '/^-----/d' | tr -d '\n'; }

old=$(public_half "$1")
new=$(public_half "$2")
[ -n "$old" ] || refuse "$1 is not a private key without a password"
[ -n "$new" ] || refuse "$2 is not a private key without a password: scripts/release/new-key.sh makes one"
if [ -s "$keys" ] && [ "$(awk 'END { print $1 }' "$keys")" != "$old" ]; then
  refuse "$1 is not the newest key in $keys: the chain would break"
fi
signature=$(printf 'chouette release key %s\n' "$new" | openssl dgst -sha256 -sign "$1" -passin pass: | openssl base64 -A)
printf '%s %s\n' "$new" "$signature" >>"$keys"
