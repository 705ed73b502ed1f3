#!/bin/sh
# new-key.sh FILE: makes the key that releases are signed with, readable for its owner only, and prints its public half.
# ECDSA on P-256, because the openssl 1.1.1 of Debian 11 and Ubuntu 20.04 cannot verify Ed25519 from the command line.
set -eu
if [ $# != 1 ]; then
  echo "usage: scripts/release/new-key.sh FILE" >&2
  exit 2
fi
if [ -e "$1" ]; then
  echo "new-key.sh: $1 is there already: name another file; who installed with its public half trusts no other key" >&2
  exit 1
fi
umask 077
openssl ecparam -name prime256v1 -genkey -noout -out "$1"
openssl ec -in "$1" -pubout 2>/dev/null
