#!/usr/bin/env bash
# deb.sh FOLDER: Debian packages of the executables in a release folder (made by pack.sh, which calls this), put beside them:
# chouette_0.1.0_arm64.deb, …_armhf.deb and …_amd64.deb. The files are those that install.sh puts in place, in the folders of packages;
# user, settings and key are made by install.sh itself. The same bytes for the same release: SOURCE_DATE_EPOCH is that of the last commit.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
version=$(cat "$folder/VERSION")
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(git -C "$tree" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

put() { install -D -m "$1" "$2" "$root/$3"; } # MODE FILE PATH

for unit in chouette.service chouette-dogstatsd.socket; do
  sed 's|/usr/local/bin/chouette|/usr/bin/chouette|; s|^# install.sh puts this file.*; an upgrade|# An upgrade|' "$folder/$unit" >"$work/unit"
  put 644 "$work/unit" "lib/systemd/system/$unit"
done
put 644 "$folder/chouette.env" usr/share/chouette/chouette.env
put 755 "$folder/install.sh" usr/lib/chouette/install.sh
put 644 "$folder/chouette.bash" usr/share/bash-completion/completions/chouette
put 644 "$folder/chouette.zsh" usr/share/zsh/vendor-completions/_chouette
put 644 "$folder/chouette.fish" usr/share/fish/vendor_completions.d/chouette.fish
gzip -9n <"$folder/chouette.1" >"$work/page"
put 644 "$work/page" usr/share/man/man1/chouette.1.gz
cat "$tree/LICENSE" "$folder/THIRD-PARTY-NOTICES.txt" >"$work/copyright"
put 644 "$work/copyright" usr/share/doc/chouette/copyright
install -d "$root/usr/bin" "$root/DEBIAN"
install -m 755 "$tree"/scripts/release/deb/* "$root/DEBIAN/"

# make ARCHITECTURE EXECUTABLE DEPENDS
make() {
  if [ ! -e "$folder/$2.gz" ]; then return 0; fi
  gunzip -c "$folder/$2.gz" >"$root/usr/bin/chouette"
  chmod 755 "$root/usr/bin/chouette"
  # A candidate such as 0.2.0-rc.1 is older than the release.
  cat >"$root/DEBIAN/control" <<END
Package: chouette
Version: ${version/-/\~}
Architecture: $1
Maintainer: Chouette
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)
Depends: $3, init-system-helpers, passwd
Section: admin
Priority: optional
Description: metrics and logs of this device, delivered to Datadog
 Chouette measures a Raspberry Pi, a Jetson or another Linux machine, takes
 metrics and logs from its applications, and delivers both to Datadog.
END
  find "$root" -exec touch --no-dereference -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zgzip -z9 --build "$root" "$folder/chouette_${version}_$1.deb" >/dev/null
}

# The oldest libraries that the executables start with, as install.sh has them.
make amd64 chouette-linux-x64 'libc6 (>= 2.17)'
make arm64 chouette-linux-arm64 'libc6 (>= 2.17)'
make armhf chouette-linux-armv7 'libc6 (>= 2.28), libatomic1, libstdc++6 (>= 9)'
