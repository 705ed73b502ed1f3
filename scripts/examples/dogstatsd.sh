#!/usr/bin/env bash
# Sends how long a backup took, and that it was done, to Chouette on this device. /dev/udp is bash's own: no program is needed.
set -euo pipefail

send() { echo "$1" >"/dev/udp/127.0.0.1/${DD_DOGSTATSD_PORT:-8125}"; }

begin=$(date +%s%3N)
# The backup stands here, such as: rsync -a /home/ /mnt/backup/
end=$(date +%s%3N)

send "backup.duration:$((end - begin))|ms|#disk:usb"
send "backup.done:1|c|#disk:usb"
