#!/bin/sh
# Creates the certificates of get-json.test.ts, valid for 100 years: an authority, a server (localhost, 127.0.0.1), a client.
set -eu
cd "$(dirname "$0")"
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1-key.pem"; }
new_key ca
openssl req -x509 -new -key ca-key.pem -days 36500 -subj "/CN=test authority" -out ca.pem
for who in server client; do
  new_key $who
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >extensions
  openssl req -new -key $who-key.pem -subj "/CN=test $who" |
    openssl x509 -req -CA ca.pem -CAkey ca-key.pem -set_serial "$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')" \
      -days 36500 -extfile extensions -out $who.pem
done
rm extensions ca-key.pem
