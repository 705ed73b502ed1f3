#!/bin/sh
# Installs Chouette on this machine, upgrades it, or removes it. Running it again upgrades, and repairs what is missing.
#
#   curl -fsSL ADDRESS/latest/download/install.sh | sudo sh
#   sudo sh install.sh --from DIR                               from a release folder on this machine
#   sudo sh /usr/local/lib/chouette/install.sh                  upgrades: it keeps itself there, with the key that releases must have
#   sudo sh /usr/local/lib/chouette/install.sh --uninstall      --help tells the other options
#
# Variables:
#   API_KEY (DD_API_KEY)    the Datadog API key; without it, it is asked for where there is a terminal
#                           (sudo --preserve-env=API_KEY sh: what stands behind sudo as NAME=value can be seen by everybody)
#   CHOUETTE_DOWNLOAD_URL   where releases are fetched from, instead of RELEASES below
#   and SETTINGS below, which go into a new /etc/chouette/chouette.env; UPDATES of them into one that is there, too

# From here to the last line is one command, so that a script that arrives in part runs nothing of it.
{
set -eu

# Filled in by the release: the public key (ECDSA P-256, base64 of a PEM file's body), and the address of the releases.
PUBLIC_KEY=''
RELEASES=''

SETTINGS="DD_SITE DATADOG_URL DATADOG_LOGS_URL HOST GLOBAL_TAGS COLLECT_PLUGINS REDIS_URL HTTPS_PROXY NO_PROXY \
CAPTURE_INTERVAL AGGREGATE_INTERVAL RELEASE_INTERVAL LOG_LEVEL"
UPDATES="DD_SITE HOST GLOBAL_TAGS"

BIN=/usr/local/bin
BINARY=$BIN/chouette
PREVIOUS=$BIN/chouette.previous
# The newer executable, after it was rolled back.
REFUSED=$BIN/chouette.refused
CONFIG=/etc/chouette
STATE=/var/lib/chouette
# In RAM: what waits there is moved to STATE when the service stops or its deliveries fail.
RUNTIME=/run/chouette
UNITS=/etc/systemd/system
UNIT=$UNITS/chouette.service
SOCKET=$UNITS/chouette-dogstatsd.socket
# This script, of the release that is installed; its PUBLIC_KEY is the only one whose releases are installed on this machine.
KEPT_FOLDER=/usr/local/lib/chouette
KEPT=$KEPT_FOLDER/install.sh
# Completions and the man page: names in a release, and places below SHARE.
SHARE=/usr/local/share
EXTRAS="chouette.bash:bash-completion/completions/chouette chouette.zsh:zsh/site-functions/_chouette \
chouette.fish:fish/vendor_completions.d/chouette.fish chouette.1:man/man1/chouette.1"
# The same script in the Debian package.
PACKAGED=/usr/lib/chouette/install.sh
# Only root can open it, and so take the lock.
LOCK=/run/chouette-install.lock
# Exists from the first change to the last: what is installed then has not been seen running.
UNFINISHED=$CONFIG/.unfinished

# Kilobytes that a download and the executable in it take together, rounded up.
NEEDED_SPACE=190000
# Kilobytes of which no other file of a release has more.
MOST=1024
NEWLINE='
'
# Seconds within which a service must be ready, and which a new version must keep running.
PATIENCE=30

main() {
  WORDS=$*
  prepare
  parse_arguments "$@"
  case $ACTION in
    configure) configure_package ;;
    uninstall) leave_packages && uninstall ;;
    *) leave_packages && install ;;
  esac
}

usage() {
  print "Installs Chouette, upgrades it, or removes it.

  --version X.Y.Z   that release, an older one too, instead of the newest
  --from DIR        a release folder on this machine instead of a download
  --no-start        neither enable nor start (nor restart) the service
  --docker          let Chouette use Docker's socket (group docker), which is equivalent to root
  --dry-run         print what would be done and change nothing
  --uninstall       remove the program and the service; settings, key and queues stay
  --purge           with --uninstall: remove these and the user, too
  --configure-package   for the Debian package: user, settings and key, after dpkg has put its files in place
  --help            this

Variables: API_KEY (else it is asked for), CHOUETTE_DOWNLOAD_URL, and for a new chouette.env:"
  for name in $SETTINGS; do print "  $name"; done
  print "Into a chouette.env that is there go only: $UPDATES"
}

# A lost connection shall not stop an upgrade half way: no hangup ends it, nor a terminal that is gone.
prepare() {
  trap '' HUP PIPE
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  umask 022
  LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
  export LC_ALL PATH
  # Taken out of the environment: the programs that are called need not have it.
  KEY=${API_KEY:-${DD_API_KEY:-}}
  HOST=${HOST:-${DD_HOSTNAME:-}} GLOBAL_TAGS=${GLOBAL_TAGS:-${DD_TAGS:-}}
  unset API_KEY DD_API_KEY DD_HOSTNAME DD_TAGS
  WORK='' SILENCED='' STEP='' EXPLAINED='' ASKED='' DETAILS=''
}

# At the end, whatever it is; one that nobody has explained is an error that this script does not know.
clean_up() {
  code=$?
  if [ -n "$SILENCED" ]; then stty echo </dev/tty 2>/dev/null || :; fi
  if [ -n "$WORK" ]; then rm -rf "$WORK"; fi
  if [ $code != 0 ] && [ -z "$EXPLAINED" ] && [ -n "$ASKED" ]; then
    print '' >&2
    fail "interrupted at the question for $ASKED; nothing has been changed" "run this again, and press Enter to answer it later"
  elif [ $code != 0 ] && [ -z "$EXPLAINED" ]; then
    fail "it ended (code $code) while $STEP" "run this again: it continues where it was interrupted"
  fi
}

parse_arguments() {
  ACTION=install VERSION='' FROM='' START=yes DOCKER=ask DRY_RUN='' PURGE=''
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --from)
        [ $# -ge 2 ] || misuse "$1 needs a value behind it"
        if [ "$1" = --from ]; then FROM=$2; else VERSION=${2#v}; fi
        shift
        ;;
      --no-start) START='' ;;
      --docker) DOCKER=yes ;;
      --dry-run) DRY_RUN=yes ;;
      --uninstall) ACTION=uninstall ;;
      --configure-package) ACTION=configure ;;
      --purge) PURGE=yes ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) misuse "there is no option $1" ;;
    esac
    shift
  done
  if [ -n "$PURGE" ] && [ "$ACTION" != uninstall ]; then misuse "--purge goes with --uninstall only"; fi
  if [ -n "$VERSION" ] && ! is_version "$VERSION"; then misuse "--version expects a version such as 0.1.0"; fi
  if [ -n "$KEY" ] && ! is_key "$KEY"; then
    misuse "API_KEY expects a Datadog API key alone: letters and digits, without a name, quotes or blanks"
  fi
}

# What dpkg has installed, dpkg upgrades and removes.
leave_packages() {
  if [ -e "$PACKAGED" ]; then
    fail "Chouette is installed here as a Debian package" "to upgrade it: sudo apt install ./chouette_VERSION_ARCHITECTURE.deb" \
      "to remove it: sudo apt remove chouette (purge: settings, key and queues, too)"
  fi
}

# Makes the user, and settings and key where there are none, and enables the service; asks nothing. The package starts it.
configure_package() {
  STEP="configuring the package"
  BINARY=/usr/bin/chouette BEFORE=package NEW=''
  SYSTEMD=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  SYSTEMD=${SYSTEMD:-247}
  WORK=$(mktemp -d)
  cp /usr/share/chouette/chouette.env "$WORK/"
  collect_settings
  make_user
  make_folder "$CONFIG"
  write_settings
  write_key
  install_drop_in
  for unit in chouette-dogstatsd.socket chouette.service; do
    # What the owner has disabled stays disabled.
    if has_key && deb-systemd-helper --quiet was-enabled $unit; then action=enable; else action=update-state; fi
    deb-systemd-helper $action $unit >/dev/null
  done
  if ! has_key; then
    say "it has no Datadog API key yet: $(edit "$CONFIG/api_key")"
    say "then: sudo systemctl enable --now chouette"
  elif [ -n "$KEY_CHANGED" ]; then
    say "Next: $(print "sudo chouette status" | typed)"
  fi
}

install() {
  step 1 "looking at this machine"
  look_at_system
  look_at_installation
  need_root
  take_turn
  step 2 "getting the release"
  make_work_folder
  get_release
  step 3 "settings"
  collect_settings
  check_settings
  check_key
  step 4 "installing"
  make_user
  keep_old
  begin
  install_binary
  offer_docker
  write_settings
  write_key
  keep_installer
  install_extras
  step 5 "the service"
  install_unit
  start_service
  finish
}

# --- 1. What machine this is, and what is on it already ---

look_at_system() {
  [ "$(uname -s)" = Linux ] || fail "this is $(uname -s), and Chouette runs on Linux only" \
    "install it on the Raspberry Pi, Jetson or other Linux machine that it is to watch"
  find_target
  say "$(model), $TARGET"
  need_glibc
  if [ "$TARGET" = linux-armv7 ]; then need_armv7_libraries; fi
  need_systemd
  need_command openssl openssl
  if [ -z "$FROM" ] && ! have curl && ! have wget; then
    fail "there is neither curl nor wget to download with" "$(how_to_install curl)" \
      "or copy a release folder here, and: $(self --from DIR)"
  fi
}

# The name of the build. A 64-bit kernel may have 32-bit programs above it (Raspberry Pi OS 32-bit), so what counts is for which
# processor /bin/sh is: e_machine of its ELF header, elf(5). 62 is x86-64, 183 64-bit ARM, 40 32-bit ARM.
find_target() {
  machine=$(uname -m)
  programs=$(od -An -tu1 -j18 -N1 /bin/sh 2>/dev/null | tr -d ' ') || programs=''
  # Raspberry Pi 1 and Zero: Raspbian calls itself armhf there, too, and /proc/cpuinfo says "CPU architecture: 7".
  case $machine in
    armv6*) refuse_armv6 ;;
    arm* | aarch64) if grep -qs 'ARMv6' /proc/cpuinfo; then refuse_armv6; fi ;;
  esac
  case $machine:$programs in
    x86_64:62) TARGET=linux-x64 ;;
    aarch64:183) TARGET=linux-arm64 ;;
    aarch64:40 | armv7*:40 | armv8*:40) TARGET=linux-armv7 ;;
    *) fail "there is no build of Chouette for this machine ($machine, programs of kind ${programs:-unknown})" \
      "there are builds for x86_64, for 64-bit ARM and for 32-bit ARM from ARMv7 on (Raspberry Pi 2 and newer)" ;;
  esac
}

refuse_armv6() {
  fail "this is an ARMv6 processor (Raspberry Pi 1, Zero or Zero W), and there is no build of Chouette for it" \
    "a Raspberry Pi Zero 2 W takes its place and its SD card" \
    "or let the applications here write to the Redis of another machine that runs Chouette"
}

# "Raspberry Pi 4 Model B Rev 1.4", as the device tree has it.
model() {
  text=''
  for file in /proc/device-tree/model /sys/class/dmi/id/product_name; do
    if [ -z "$text" ] && [ -r "$file" ]; then text=$(tr -d '\000' <"$file" 2>/dev/null) || :; fi
  done
  printf '%s\n' "${text:-this machine}" | printable
}

is_jetson() { [ -e /etc/nv_tegra_release ] || model | grep -qi 'jetson\|nvidia'; }
is_pi() { model | grep -q 'Raspberry Pi'; }

# From the symbols in the executables (readelf -V): Bun needs 2.17, Node for armv7 2.28.
need_glibc() {
  case $TARGET in linux-armv7) least=2.28 ;; *) least=2.17 ;; esac
  # "glibc 2.36"; musl's getconf does not know the name.
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=''
  case $libc in glibc*) ;; *) libc=$(ldd --version 2>&1 | head -n 1) || : ;; esac
  case $libc in
    *musl*) fail "this system has the C library musl (Alpine, OpenWrt), and Chouette needs glibc" \
      "run it in a container on this machine, or on Raspberry Pi OS, Debian or Ubuntu" ;;
    glibc* | *GLIBC* | *GNU*) ;;
    *) fail "no glibc is found here (getconf GNU_LIBC_VERSION), and Chouette needs it" \
      "Raspberry Pi OS, Debian, Ubuntu and Jetson Linux have it" ;;
  esac
  found=$(printf '%s\n' "$libc" | sed 's/.* \([0-9][0-9.]*\).*/\1/')
  if is_older "$found" "$least"; then
    fail "this system has glibc $found, and Chouette for $TARGET needs $least or newer" \
      "upgrade the system: Raspberry Pi OS 11 (bullseye), Debian 11, Ubuntu 20.04 and newer have it"
  fi
}

# What Node for armv7 is linked with; its newest symbol of libstdc++ came with GCC 9.
need_armv7_libraries() {
  library libatomic.so.1 >/dev/null || install_package libatomic1 "the library libatomic.so.1"
  library libstdc++.so.6 >/dev/null || install_package libstdc++6 "the library libstdc++.so.6"
  if file=$(library libstdc++.so.6) && ! grep -q GLIBCXX_3.4.26 "$file"; then
    fail "the library $file is older than that of GCC 9, which Chouette for $TARGET needs" \
      "upgrade the system: Raspberry Pi OS 11 (bullseye) and newer have it"
  fi
}

library() {
  for folder in /lib /usr/lib /lib/arm-linux-gnueabihf /usr/lib/arm-linux-gnueabihf /usr/local/lib; do
    if [ -e "$folder/$1" ]; then
      echo "$folder/$1"
      return 0
    fi
  done
  return 1
}

need_systemd() {
  if [ ! -d /run/systemd/system ] || ! have systemctl; then
    fail "systemd does not run here, and this script sets up a service of systemd" \
      "the executable works without it, under any supervisor, or in a container:" \
      "gunzip -c chouette-$TARGET.gz >chouette && chmod 755 chouette" \
      "API_KEY=… COLLECT_PLUGINS=host CHOUETTE_STATE_DIR=$STATE ./chouette run"
  fi
  SYSTEMD=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  if [ "$(systemctl is-enabled chouette.service 2>/dev/null)" = masked ]; then
    fail "the service chouette is masked: somebody wants it never to run" "sudo systemctl unmask chouette"
  fi
}

need_command() {
  have "$1" || install_package "$2" "the program $1"
}

# What is missing is installed where that is one command; on other systems the owner knows the command better.
install_package() {
  if ! have apt-get; then
    fail "$2 is missing" "$(how_to_install "$1")" "then run this again"
  fi
  need_root
  change "install the package $1 ($2 is missing)" apt_install "$1"
}

how_to_install() {
  if have apt-get; then print "sudo apt-get install $1"; else print "install the package $1 (or that of its name here) with the package manager"; fi
}

apt_install() {
  apt_get install "$1" || { apt_get update && apt_get install "$1"; } ||
    fail "the package $1 cannot be installed" "sudo apt-get update && sudo apt-get install $1"
}

apt_get() {
  action=$1
  shift
  DEBIAN_FRONTEND=noninteractive apt-get "$action" -qq -y "$@" </dev/null >/dev/null
}

# What was there before the first change: after an interruption it is read from where it was noted.
look_at_installation() {
  OLD_VERSION='' BEFORE=new INTERRUPTED=''
  if [ -x "$BINARY" ]; then OLD_VERSION=$(version_of "$BINARY") || OLD_VERSION=''; fi
  if ! is_version "$OLD_VERSION"; then OLD_VERSION=''; fi
  if [ -e "$UNIT" ]; then
    case $(property ActiveState) in
      active | activating | reloading | failed) BEFORE=running ;;
      # Only with a key: without one the service was installed and not started.
      *) if has_key; then BEFORE=stopped; fi ;;
    esac
  fi
  if [ -r "$UNFINISHED" ]; then
    INTERRUPTED=yes
    case $(cat "$UNFINISHED") in
      running) BEFORE=running ;;
      stopped) BEFORE=stopped ;;
      *) BEFORE=new ;;
    esac
    say "an installation was interrupted here and is now completed"
  fi
  if [ -n "$OLD_VERSION" ]; then say "Chouette $OLD_VERSION is installed"; fi
}

# The first line of what it prints of itself, errors too (the second one is its runtime); the code is that of the program, 124 when it
# does not end.
version_of() {
  code=0
  printed=$({ limited 30 "$1" --version; } 2>&1) || code=$?
  print "${printed%%"$NEWLINE"*}"
  return $code
}

# limited SECONDS COMMAND…; without the lock of take_turn, which busybox's timeout would keep for a while.
limited() {
  if have timeout; then timeout "$@" 9>&-; else
    shift
    "$@"
  fi
}

has_key() { [ -s "$CONFIG/api_key" ] || has_key_in_settings; }

has_key_in_settings() {
  grep -Eiqs '^[[:space:]]*(export[[:space:]]+)?((DD_)?API_KEY|API_KEY_FILE)=[^[:space:]]' "$CONFIG/chouette.env"
}

property() {
  systemctl show -p "$1" chouette.service 2>/dev/null | sed "s/^$1=//"
}

need_root() {
  if [ -n "$DRY_RUN" ] || [ "$(id -u)" = 0 ]; then return 0; fi
  fail "this needs root, and you are $(id -un 2>/dev/null || id -u)" "$(again)"
}

# The command that was typed, as root.
again() {
  case $0 in
    *.sh) print "sudo sh $0${WORDS:+ $WORDS}" ;;
    *) print "$(piped)${WORDS:+ -s -- $WORDS}" ;;
  esac
}

# self ARGUMENT…: the command that runs the installer of this machine with these arguments, else this one.
self() {
  if [ -e "$KEPT" ]; then print "sudo sh $KEPT $*"; else
    case $0 in
      *.sh) print "sudo sh $0 $*" ;;
      *) print "$(piped) -s -- $*" ;;
    esac
  fi | typed
}

piped() { print "curl -fsSL ${CHOUETTE_DOWNLOAD_URL:-$RELEASES}/latest/download/install.sh | sudo sh"; }

# Two at a time would undo each other's work. The lock ends with this process and its children: one that was killed a moment ago may
# still have some.
take_turn() {
  if [ -n "$DRY_RUN" ] || ! have flock || ! (umask 077 && : >>"$LOCK") 2>/dev/null; then return 0; fi
  exec 9<"$LOCK"
  for pause in 1 1 1 1 1; do
    if flock -n 9; then return 0; fi
    sleep $pause
  done
  fail "another installation of Chouette is running" "wait until it has ended, and run this again"
}

# --- 2. The release: VERSION, executable, unit, settings and installer, all of them signed ---

# On the file system of the executable, so that it is put in place by a rename, and checked before anything is fetched.
make_work_folder() {
  if [ -n "$DRY_RUN" ]; then
    WORK=$(mktemp -d) || fail "no temporary folder can be made" "look at: df -h /tmp"
    return 0
  fi
  make_folder "$BIN"
  rm -rf "$BIN"/.chouette-install.*
  made=$(mktemp -d "$BIN/.chouette-install.XXXXXX" 2>&1) || cannot_write "$BIN" "$made"
  WORK=$made
  printf '#!/bin/sh\n' >"$WORK/probe"
  chmod 755 "$WORK/probe"
  "$WORK/probe" 2>/dev/null ||
    fail "programs in $BIN may not be executed (mounted with noexec?)" "findmnt -T $BIN" "sudo mount -o remount,exec MOUNTPOINT"
  if [ -n "$(rootfs_in_memory)" ]; then
    say "note: the root file system is an overlay in memory (raspi-config, overlayroot): all of this is gone after a reboot"
  fi
}

rootfs_in_memory() {
  grep -os 'boot=overlay' /proc/cmdline || grep -os '^overlayroot ' /proc/mounts || :
}

make_folder() {
  [ -d "$1" ] || error=$(mkdir -p "$1" 2>&1) || cannot_write "$1" "$error"
}

cannot_write() {
  case $2 in
    *"Read-only file system"*) fail "the file system of $1 is read-only" \
      "sudo mount -o remount,rw / (with the overlay of raspi-config: switch it off there, and reboot)" ;;
    *"No space left"*) disk_full "$1" ;;
    *) fail "$1 cannot be written: ${2##*: }" "look at: ls -ld $1; findmnt -T $1" ;;
  esac
}

disk_full() {
  fail "the disk is full: $(free_space "$1") MB are free where $1 is; nothing is left half done there" \
    "look at: df -h $1" "$(how_to_free_space)"
}

how_to_free_space() {
  if have apt-get; then print "sudo apt-get clean; sudo journalctl --vacuum-size=50M"; else print "sudo journalctl --vacuum-size=50M"; fi
}

free_space() { print $(($(free_kilobytes "$1") / 1024)); }

free_kilobytes() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

need_space() {
  [ "$(free_kilobytes "$WORK")" -ge "$1" ] ||
    fail "there is not enough space: $(free_space "$WORK") MB are free where $BIN is, and $(($1 / 1024)) MB are needed" \
      "look at: df -h $BIN" "$(how_to_free_space)"
}

get_release() {
  TRUSTED=$(key_in "$KEPT")
  if [ -z "$TRUSTED" ]; then TRUSTED=$PUBLIC_KEY; fi
  if [ -n "$FROM" ]; then
    [ -f "$FROM/SHA256SUMS" ] ||
      fail "$FROM is not a release folder: it has no SHA256SUMS" "give the folder that scripts/release/pack.sh has made"
  else
    SOURCE=${CHOUETTE_DOWNLOAD_URL:-$RELEASES}
    SOURCE=${SOURCE%/}
    if [ -z "$SOURCE" ] || [ -z "$TRUSTED" ]; then
      fail "this install.sh is of the source tree: it has no key to check a download with" \
        "take the install.sh of a release, or: $(self --from DIR)"
    fi
  fi
  get_version
  get SHA256SUMS
  get SHA256SUMS.sig
  verify_signature
  verify VERSION
  for file in chouette.service chouette.env install.sh; do
    get "$file"
    verify "$file"
  done
  # Older releases have none of these.
  get_optional chouette-dogstatsd.socket
  for_extras get_optional
  [ -z "$TRUSTED" ] || [ "$(key_in "$WORK/install.sh")" = "$TRUSTED" ] ||
    fail "the install.sh of the release at $(where) has another key than the one that signed it; nothing is installed" \
      "do not install this release, and report it"
  get_executable
}

get_optional() {
  if ! grep -q "  $1\$" "$WORK/SHA256SUMS"; then return 0; fi
  get "$1"
  verify "$1"
}

get_version() {
  wanted=$VERSION
  if [ -n "$FROM" ]; then get VERSION
  elif [ -n "$wanted" ]; then fetch VERSION "$SOURCE/download/v$wanted/VERSION"
  else fetch VERSION "$SOURCE/latest/download/VERSION"; fi
  VERSION=''
  if [ "$(size "$WORK/VERSION")" -le 100 ]; then VERSION=$(tr -d '\000' <"$WORK/VERSION"); fi
  is_version "$VERSION" || fail "VERSION of the release is not the number of a version" "$(where)"
  if [ -n "$wanted" ] && [ "$wanted" != "$VERSION" ]; then
    fail "version $wanted was asked for, and $(where) has $VERSION" "leave --version away, or name another folder"
  fi
  # An address that suddenly offers an older one is out of date, or somebody's who likes its faults.
  if [ -z "$wanted$FROM" ] && [ -n "$OLD_VERSION" ] && is_older "$VERSION" "$OLD_VERSION"; then
    fail "the newest release at $SOURCE is $VERSION, older than the installed $OLD_VERSION" \
      "to go back to it: $(self --version "$VERSION")"
  fi
  say "Chouette $VERSION"
}

where() { print "${FROM:-$SOURCE}"; }

# A file of the release into the work folder.
get() {
  if [ -z "$FROM" ]; then
    fetch "$1" "$SOURCE/download/v$VERSION/$1"
  elif [ -f "$FROM/$1" ]; then
    cp "$FROM/$1" "$WORK/$1" 2>/dev/null || disk_full "$WORK"
  elif [ "$1" != SHA256SUMS.sig ] && [ "$1" != KEYS ]; then
    fail "the release folder $FROM has no $1" "make it again, or name another folder"
  fi
}

# fetch NAME URL. Mobile links break: a transfer continues where it stopped, and is abandoned after four attempts without progress.
fetch() {
  vain=0
  rm -f "$WORK/$1"
  until transfer "$WORK/$1" "$2"; do
    case $PROBLEM in
      restart) rm -f "$WORK/$1" ;;
      progress) vain=0 ;;
      missing | tls | disk | forbidden | endless) download_failed "$1" "$2" ;;
      refused) if [ ! -s "$WORK/$1" ]; then download_failed "$1" "$2"; fi ;;
    esac
    vain=$((vain + 1))
    if [ $vain -ge 4 ]; then download_failed "$1" "$2"; fi
    sleep $vain
  done
  case $1 in
    *.gz | *.sig) ;;
    *) if is_html "$WORK/$1"; then captive_portal "$2"; fi ;;
  esac
}

# One attempt; what went wrong is then in PROBLEM, and in the tool's words in DETAIL.
transfer() {
  before=$(size "$1")
  PROBLEM='' DETAIL='' most=$MOST
  case $1 in *.gz) most=$NEEDED_SPACE ;; esac
  if have curl; then with_curl "$1" "$2"; else with_wget "$1" "$2"; fi
  if [ "$PROBLEM" = disk ] && [ "$(size "$1")" -ge $((most * 1024)) ]; then PROBLEM=endless; fi
  if [ "$PROBLEM" = broken ] && [ "$(size "$1")" -gt "$before" ]; then PROBLEM=progress; fi
  [ -z "$PROBLEM" ]
}

# Exit codes: curl(1). The progress is for people only.
with_curl() {
  shown=-s
  case $1 in *.gz) if [ -t 2 ]; then shown=-#; fi ;; esac
  code=0
  http=$(bound_files; curl -fL "$shown" --connect-timeout 20 --speed-limit 100 --speed-time 30 -C - -o "$1" -w '%{http_code}' "$2") || code=$?
  DETAIL="curl ended with $code, HTTP $http"
  case $code:$http in
    0:*) ;;
    22:404 | 22:410) PROBLEM=missing ;;
    22:416 | 33:*) PROBLEM=restart ;;
    22:4*) PROBLEM=forbidden ;;
    6:*) PROBLEM=dns ;;
    7:*) PROBLEM=refused ;;
    35:* | 5[1389]:* | 60:* | 66:* | 77:* | 8[023]:* | 9[01]:*) PROBLEM=tls ;;
    23:*) PROBLEM=disk ;;
    28:*) PROBLEM=timeout ;;
    *) PROBLEM=broken ;;
  esac
  if [ "$PROBLEM" = timeout ] && [ -s "$1" ]; then PROBLEM=broken; fi
}

# What is written from here on may be so long and no longer, in the 512 bytes of ulimit: more is an error of the one who writes.
bound_files() {
  trap '' XFSZ
  ulimit -f $((most * 2))
}

# GNU Wget. Its exit codes say little, so what it prints is read.
with_wget() {
  code=0
  (bound_files; wget -S -t 1 -T 30 -c -O "$1" "$2" 2>"$WORK/said") || code=$?
  if [ $code = 0 ]; then return 0; fi
  http=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$WORK/said" | tail -n 1)
  DETAIL="wget ended with $code${http:+, HTTP $http}"
  case $http:$(cat "$WORK/said") in
    404:* | 410:*) PROBLEM=missing ;;
    416:*) PROBLEM=restart ;;
    4*) PROBLEM=forbidden ;;
    *"unable to resolve"*) PROBLEM=dns ;;
    *"onnection refused"*) PROBLEM=refused ;;
    *ertificate* | *SSL* | *TLS*) PROBLEM=tls ;;
    *"No space left"* | *"Cannot write"* | *"File too large"*) PROBLEM=disk ;;
    *"timed out"*) PROBLEM=timeout ;;
    *) PROBLEM=broken ;;
  esac
}

download_failed() {
  host=$(host_of "$2")
  network="nothing has been changed; run this again when the network is there"
  case $PROBLEM in
    missing) fail "$2 does not exist" "there may be no version ${wanted:-at all} there; without --version the newest is taken" \
      "look at the address: ${CHOUETTE_DOWNLOAD_URL:+CHOUETTE_DOWNLOAD_URL=}$SOURCE" ;;
    forbidden) fail "$host refuses to give $2 ($DETAIL)" "look at the address: $SOURCE" ;;
    dns) fail "the name $host is not found: no network, or no DNS" "getent hosts $host" "$network" ;;
    endless) fail "$2 has no end: more than $most kB came" "look at the address: $SOURCE" "nothing has been changed" ;;
    refused) fail "nothing listens at $host" "look at the address ($SOURCE), and at proxies and firewalls" "$network" ;;
    timeout) fail "$host does not answer" "look at the network, at proxies (HTTPS_PROXY) and firewalls" "$network" ;;
    tls) fail "the connection to $host is not to be trusted ($DETAIL); this machine's clock says $(date -u '+%Y-%m-%d %H:%M') UTC" \
      "if the clock is wrong: sudo timedatectl set-ntp true, and wait a minute" \
      "if it is right: $(how_to_install ca-certificates); a hotspot that wants a login does this, too" ;;
    disk) disk_full "$WORK" ;;
    *) fail "the download of $2 breaks again and again ($DETAIL)" "$network" ;;
  esac
}

captive_portal() {
  if have curl; then look="curl -sS $1 | head"; else look="wget -O - $1 | head"; fi
  fail "instead of $1 a web page came: a hotspot that wants a login (captive portal), or a proxy" \
    "log in to the network with a browser, or: $look" "then run this again; nothing has been changed"
}

host_of() { printf '%s\n' "$1" | sed 's|^[a-z]*://||; s|/.*||; s|.*@||'; }

is_html() { head -c 1000 "$1" | grep -qi '<html\|<!doctype'; }

size() { if [ -e "$1" ]; then wc -c <"$1"; else print 0; fi; }

# A release of another key than the pinned one is refused, unless the old key has signed the new one.
verify_signature() {
  if [ -z "$TRUSTED" ]; then
    say "note: this install.sh has no key, so who made this release is not checked, only that its files are whole"
    return 0
  fi
  [ -s "$WORK/SHA256SUMS.sig" ] || fail "the release at $(where) is not signed: SHA256SUMS.sig is missing" "use another release"
  if is_signed "$TRUSTED" "$WORK/SHA256SUMS.sig" "$WORK/SHA256SUMS"; then
    say "its signature is right"
    return 0
  fi
  pinned=$TRUSTED
  follow_keys
  if [ "$TRUSTED" != "$pinned" ] && is_signed "$TRUSTED" "$WORK/SHA256SUMS.sig" "$WORK/SHA256SUMS"; then
    say "its signature is right, by a new key that the old one has signed"
    return 0
  fi
  if [ -e "$KEPT" ]; then
    fail "the signature of the release at $(where) is wrong: it is not of the key that this machine trusts ($KEPT); nothing is installed" \
      "do not install this release, and report it" \
      "if its makers have announced a new key in a way that you trust: sudo rm $KEPT, then run the new install.sh"
  fi
  fail "the signature of the release at $(where) is wrong: it is not from the makers of this install.sh; nothing is installed" \
    "get install.sh again from a source that you trust, and run that" \
    "if it says so again, do not install this release, and report it"
}

# From the key that is trusted to the newest, along the lines of KEYS: a key, and the signature of the one before it over
# "chouette release key KEY". A release has the file once its key has been changed (scripts/release/README.md).
follow_keys() {
  (get KEYS) >/dev/null 2>&1 || :
  [ -s "$WORK/KEYS" ] || return 0
  while read -r next signature _; do
    if ! is_base64 "$next" || ! is_base64 "$signature"; then continue; fi
    printf 'chouette release key %s\n' "$next" >"$WORK/next"
    printf '%s\n' "$signature" | openssl base64 -d -A >"$WORK/next.sig" 2>/dev/null || continue
    if is_signed "$TRUSTED" "$WORK/next.sig" "$WORK/next"; then TRUSTED=$next; fi
  done <"$WORK/KEYS"
}

# is_signed KEY SIGNATURE FILE
is_signed() {
  {
    echo '-----BEGIN PUBLIC KEY-----'
    printf '%s\n' "$1" | fold -w 64
    echo '-----END PUBLIC KEY-----'
  } >"$WORK/key.pem"
  openssl dgst -sha256 -verify "$WORK/key.pem" -signature "$2" "$3" >/dev/null 2>&1
}

# The key in an install.sh; nothing where there is none.
key_in() { sed -n "s|^PUBLIC_KEY='\([A-Za-z0-9+/=]*\)'\$|\1|p" "$1" 2>/dev/null | head -n 1; }

is_base64() { case $1 in '' | *[!A-Za-z0-9+/=]*) return 1 ;; esac; }

verify() {
  expected=$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1 }' "$WORK/SHA256SUMS")
  [ -n "$expected" ] ||
    fail "the release at $(where) has no $1" "for this machine there may be no build in this version; try another one"
  actual=$(sha256sum "$WORK/$1" | cut -d ' ' -f 1)
  [ "$actual" = "$expected" ] ||
    fail "the checksum of $1 is wrong: it was damaged on its way, or changed; nothing is installed" \
      "run this again; if it says so again, the release at $(where) is damaged: report it"
}

# Not downloaded again when it is there and works. From a folder it may be another build of the same version.
get_executable() {
  NEW=''
  if [ "$OLD_VERSION" = "$VERSION" ] && [ -z "$FROM" ]; then
    say "it is installed already; what is missing is put back"
    return 0
  fi
  archive=chouette-$TARGET.gz
  if [ -n "$DRY_RUN" ]; then
    change "get and check $archive from $(where)"
    if [ -z "$FROM" ] || ! gzip -dc "$FROM/$archive" 2>/dev/null | cmp -s - "$BINARY"; then NEW=yes; fi
    return 0
  fi
  if [ -n "$FROM" ] && [ -f "$FROM/$archive" ]; then
    # The last four bytes of a gzip file are the size of what is in it, RFC 1952.
    unpacked=$(tail -c 4 "$FROM/$archive" | od -An -tu1 | awk '{ print $1 + 256 * ($2 + 256 * ($3 + 256 * $4)) }')
    need_space $((($(size "$FROM/$archive") + unpacked) / 1024 + 1024))
  else
    need_space $NEEDED_SPACE
  fi
  get "$archive"
  if is_html "$WORK/$archive"; then captive_portal "$SOURCE/download/v$VERSION/$archive"; fi
  verify "$archive"
  gzip -dc "$WORK/$archive" >"$WORK/chouette" 2>/dev/null || disk_full "$WORK"
  rm -f "$WORK/$archive"
  chmod 755 "$WORK/chouette"
  if cmp -s "$WORK/chouette" "$BINARY"; then
    say "it is installed already; what is missing is put back"
    return 0
  fi
  try_executable
  NEW=yes
}

# Before anything is changed: checks that it starts here, and is the expected version.
try_executable() {
  code=0
  said=$(version_of "$WORK/chouette") || code=$?
  if [ "$said" = "$VERSION" ]; then return 0; fi
  case $code in
    132) fail "Chouette $VERSION uses instructions that this processor does not have ($(model)); nothing has been changed" \
      "take another version (--version), and report the processor: grep -m 1 -i 'model name\|part' /proc/cpuinfo" ;;
    *) fail "Chouette $VERSION does not start here (exit code $code); nothing has been changed" \
      "it says: $(printf '%s\n' "$said" | head -n 3 | printable)" "report this with the output of: uname -a; cat /etc/os-release" ;;
  esac
}

# --- 3. The settings: what is asked and checked before anything is changed ---

# SETTINGS_CHANGED and KEY_CHANGED say what of them is new, ASKING that somebody is there who answers questions.
collect_settings() {
  SETTINGS_CHANGED='' KEY_CHANGED='' TYPED='' ASKING=''
  if [ -e "$CONFIG/chouette.env" ]; then name_what_is_ignored; else SETTINGS_CHANGED=yes; fi
  if [ -n "$KEY" ] && has_key_in_settings; then
    say "note: API_KEY is ignored, as $CONFIG/chouette.env has a key of its own: $(edit "$CONFIG/chouette.env")"
    KEY=''
  fi
  if [ -z "$KEY" ] && [ "$BEFORE" = new ] && ! has_key && has_terminal; then
    ASKING=yes
    if [ -n "$DRY_RUN" ]; then change "ask for the Datadog site and the API key"; else ask; fi
  fi
  compose
  if [ -r "$CONFIG/chouette.env" ]; then
    if ! cmp -s "$WORK/settings" "$CONFIG/chouette.env"; then SETTINGS_CHANGED=yes; fi
  elif [ -n "$(updated)" ]; then
    SETTINGS_CHANGED=yes
  fi
  if [ -n "$KEY" ] && [ "$KEY" != "$(installed_key)" ]; then KEY_CHANGED=yes; fi
}

name_what_is_ignored() {
  ignored=''
  for name in $SETTINGS; do
    eval "value=\${$name:-}"
    case " $UPDATES " in *" $name "*) value='' ;; esac
    if [ -n "$value" ]; then ignored="$ignored${ignored:+, }$name"; fi
  done
  if [ -n "$ignored" ]; then
    say "note: ignored, as $CONFIG/chouette.env is there already: $ignored; to change them: $(edit "$CONFIG/chouette.env")"
  fi
}

installed_key() { cat "$CONFIG/api_key" 2>/dev/null || :; }

has_terminal() { (: </dev/tty) 2>/dev/null; }

# Nothing typed: it is given later. A key that the site refuses is asked for again, and the site, too.
ask() {
  given_site=${DD_SITE:-}
  while :; do
    if [ -z "$given_site${DATADOG_URL:-}" ]; then ask_site; fi
    ask_key
    if [ -z "$KEY" ]; then return 0; fi
    TYPED=yes
    compose
    ask_intake
    if [ "$ANSWER" != refused ]; then return 0; fi
    print "  $INTAKE refuses this key: it is mistyped, or of another site." >/dev/tty
  done
}

ask_site() {
  while :; do
    ASKED="the Datadog site"
    print '  The Datadog site is in the address where you log in, such as datadoghq.eu.' >/dev/tty
    printf '  Datadog site (Enter: datadoghq.com): ' >/dev/tty
    IFS= read -r DD_SITE </dev/tty || DD_SITE=''
    ASKED=''
    DD_SITE=${DD_SITE#*://}
    DD_SITE=${DD_SITE%%/*}
    DD_SITE=${DD_SITE#app.}
    case $DD_SITE in
      *[!A-Za-z0-9.-]*) print '  That is not a site: expected the name of a host.' >/dev/tty ;;
      '' | *.*) return 0 ;;
      *) print '  That is not a site: expected datadoghq.com, datadoghq.eu, us3.datadoghq.com,
  us5.datadoghq.com, ap1.datadoghq.com or ddog-gov.com.' >/dev/tty ;;
    esac
  done
}

# Not shown while it is typed, nor between two tries.
ask_key() {
  ASKED="the API key" SILENCED=yes
  stty -echo </dev/tty
  while :; do
    print '  The API key is in Datadog under Organization Settings, API Keys.' >/dev/tty
    printf '  Datadog API key (not shown; Enter: later): ' >/dev/tty
    IFS= read -r KEY </dev/tty || KEY=''
    print '' >/dev/tty
    if [ -z "$KEY" ] || is_key "$KEY"; then break; fi
    print '  That is not a key: expected letters and digits alone, no name, no quotes.' >/dev/tty
  done
  stty echo </dev/tty
  ASKED='' SILENCED=''
}

# What chouette.env will be: the template with SETTINGS, or the one that is there with UPDATES.
compose() {
  if [ -e "$CONFIG/chouette.env" ]; then base=$CONFIG/chouette.env names=$UPDATES; else base=$WORK/chouette.env names=$SETTINGS; fi
  if [ ! -r "$base" ]; then base=/dev/null; fi
  (umask 077 && settings "$base" "$names" >"$WORK/settings") || disk_full "$WORK"
}

# settings FILE NAMES: the file with what the environment sets of these names: in place of the line that sets it, or has it commented
# out, else at the end. With nothing but the shell's own commands where values are, as one may be a password, and arguments of
# programs can be seen by everybody.
# shellcheck disable=SC2094
settings() {
  written=' '
  while IFS= read -r line || [ -n "$line" ]; do
    read_line "$2"
    if [ -z "$value" ] || { [ -z "$active" ] && sets "$1" "$name"; }; then
      printf '%s\n' "$line"
    else
      case $written in *" $name "*) ;; *) assignment "$name" "$value" ;; esac
      written="$written$name "
    fi
  done <"$1"
  for name in $2; do
    eval "value=\${$name:-}"
    case $written in *" $name "*) value='' ;; esac
    if [ -n "$value" ]; then assignment "$name" "$value"; fi
  done
}

# read_line NAMES: of `line` the name, whether it is active, and the value that the environment has for it.
read_line() {
  active=yes value=''
  name=${line#"${line%%[![:space:]]*}"}
  case $name in
    \#*)
      active=''
      name=${name#\#}
      name=${name# }
      ;;
  esac
  name=${name#export }
  case $name in *=*) name=${name%%=*} ;; *) name='' ;; esac
  case $name in DD_HOSTNAME) name=HOST ;; DD_TAGS) name=GLOBAL_TAGS ;; esac
  case $name in '' | *[!A-Z_]*) return 0 ;; esac
  case " $1 " in *" $name "*) eval "value=\${$name:-}" ;; esac
}

# sets FILE NAME: whether a line of the file gives it a value.
sets() {
  case $2 in HOST) either='(HOST|DD_HOSTNAME)' ;; GLOBAL_TAGS) either='(GLOBAL_TAGS|DD_TAGS)' ;; *) either=$2 ;; esac
  grep -Eq "^[[:space:]]*(export[[:space:]]+)?$either=" "$1"
}

# As an environment file has it: plain, or in double quotes where that would read as something else.
assignment() {
  case $2 in
    *\\* | \"* | \'* | [[:space:]]* | *[[:space:]] | *"$NEWLINE"*)
      printf '%s="' "$1"
      rest=$2
      while [ -n "$rest" ]; do
        tail=${rest#?}
        char=${rest%"$tail"}
        case $char in [\"\\\`\$]) printf '%s' \\ ;; esac
        printf '%s' "$char"
        rest=$tail
      done
      printf '"\n'
      ;;
    *) printf '%s=%s\n' "$1" "$2" ;;
  esac
}

# By the new executable, before anything is replaced: an upgrade must not end in a service that refuses its settings. What is installed
# is checked as the service sees it, what is new by itself.
check_settings() {
  if [ -n "$DRY_RUN" ]; then
    if [ -n "$NEW" ]; then change "check the settings with the new executable"; fi
    return 0
  fi
  program=$BINARY
  if [ -n "$NEW" ]; then program=$WORK/chouette; fi
  if [ -z "$NEW$SETTINGS_CHANGED$KEY_CHANGED" ]; then return 0; fi
  code=0
  if [ -z "$SETTINGS_CHANGED$KEY_CHANGED" ] && [ -e "$UNIT" ] && has_key; then
    file=$CONFIG/chouette.env
    said=$(limited 60 env -i PATH="$PATH" "$program" run --check --dry-run --env-file "$file" 2>&1 >/dev/null) || code=$?
  else
    file=$WORK/settings
    said=$(check_composed 2>&1 >/dev/null) || code=$?
    said=$(printf '%s\n' "$said" | sed "s|$file|$CONFIG/chouette.env|g")
  fi
  DETAILS=$(printf '%s\n' "$said" | grep -v "^using the service's" | printable) || :
  case $code in
    0) if [ -n "$DETAILS" ]; then say "$DETAILS"; fi ;;
    124) say "note: whether the settings are right is not known: Chouette $VERSION took more than a minute to check them" ;;
    *)
      fail "Chouette $VERSION refuses the settings; nothing has been changed" \
        "$(if [ -e "$CONFIG/chouette.env" ]; then edit "$CONFIG/chouette.env"; else print "give these variables other values"; fi)" \
        "then: $(again)"
      ;;
  esac
  DETAILS=''
}

# As the service's user where there is one: settings may name a module of somebody else's. Without a key yet, a stand-in.
check_composed() {
  chmod 711 "$WORK"
  umask 077
  if [ -n "$KEY" ]; then print "$KEY"; elif [ -s "$CONFIG/api_key" ]; then installed_key; else print 0000; fi >"$WORK/api_key"
  set -- API_KEY_FILE="$WORK/api_key" STATE_DIRECTORY="$STATE" "$program" run --check --dry-run --env-file "$WORK/settings"
  if has_key_in_settings; then shift; fi
  chmod 640 "$WORK/api_key" "$WORK/settings"
  code=0
  if id -u chouette >/dev/null 2>&1 && chgrp chouette "$WORK/api_key" "$WORK/settings"; then
    as_chouette "$@" || code=$?
  else
    limited 60 env -i PATH="$PATH" "$@" || code=$?
  fi
  rm -f "$WORK/api_key"
  chmod 600 "$WORK/settings"
  return $code
}

as_chouette() {
  if have runuser; then
    (cd / && limited 60 runuser -u chouette -- env -i PATH="$PATH" "$@" </dev/null)
  else
    (cd / && limited 60 su -s /bin/sh chouette -c "env -i PATH=$PATH $*" </dev/null)
  fi
}

# Reports a wrong key or site now, rather than by data that never arrive.
check_key() {
  if [ -n "$DRY_RUN" ] || [ -n "$TYPED" ]; then return 0; fi
  if [ -z "$KEY" ]; then
    if [ ! -s "$CONFIG/api_key" ]; then return 0; fi
    if ! is_key "$(installed_key)"; then
      say "note: $CONFIG/api_key does not contain an API key: $(edit "$CONFIG/api_key")"
      return 0
    fi
  fi
  ask_intake
  if [ "$ANSWER" = refused ] && [ -n "$KEY_CHANGED" ]; then
    fail "$INTAKE refuses this API key (HTTP $http); nothing has been changed" \
      "look at the key (Organization Settings, API Keys), and at the site: the one that you log in at, DD_SITE=datadoghq.eu for example"
  fi
}

# Asks what the settings send to whether it takes the key, https://docs.datadoghq.com/api/latest/authentication/#validate-api-key:
# ANSWER is accepted, refused or unknown, and INTAKE its name. No network, or a server that does not support the query, is not an error.
ask_intake() {
  ANSWER=unknown INTAKE='' most=$MOST
  address=$(setting DATADOG_URL)
  site=$(setting DD_SITE)
  case $site in *[!A-Za-z0-9.-]*) return 0 ;; esac
  address=${address:-https://api.${site:-datadoghq.com}/api}
  case $address in *[!A-Za-z0-9._~:/%@-]* | -*) return 0 ;; http://* | https://*) ;; *) return 0 ;; esac
  INTAKE=$(host_of "$address")
  http=$(ask_with_key "${address%/}/v1/validate") || http=000
  answer=$(head -c 1000 "$WORK/answer" 2>/dev/null | tr -d '\000') || answer=''
  rm -f "$WORK/answer" "$WORK/question"
  case $http:$answer in
    200:*'"valid"'*true*)
      ANSWER=accepted
      say "$INTAKE takes the API key"
      ;;
    40[13]:*'"errors"'*)
      ANSWER=refused
      say "note: $INTAKE refuses the API key (HTTP $http)"
      ;;
    000:* | :*) say "note: the API key is not verified: no answer from $INTAKE" ;;
    *) say "note: the API key is not verified: $INTAKE did not say (HTTP ${http:-?})" ;;
  esac
}

# ask_with_key URL: the status; the answer is then in a file. The key is in a file, too, and not in the list of processes.
ask_with_key() {
  bound_files
  umask 077
  key=${KEY:-$(installed_key)}
  : >"$WORK/answer"
  if have curl; then
    printf 'header = "DD-API-KEY: %s"\n' "$key" >"$WORK/question"
    curl -sS -m 10 -K "$WORK/question" -o "$WORK/answer" -w '%{http_code}' "$1" 2>/dev/null
  else
    printf 'header = DD-API-KEY: %s\n' "$key" >"$WORK/question"
    WGETRC=$WORK/question limited 10 wget -S -t 1 -T 10 --content-on-error -O "$WORK/answer" "$1" 2>&1 |
      sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' | tail -n 1
  fi
}

# The value of a line of the settings, without quotes around it.
setting() {
  sed -n "s/^[[:space:]]*\(export[[:space:]]*\)\{0,1\}$1=//p" "$WORK/settings" | tail -n 1 | sed "s/^[\"']//; s/[[:space:]]*$//; s/[\"']$//"
}

# --- 4. The user, the executable, the installer and the settings ---

make_user() {
  GROUPS_CHANGED=''
  if ! id -u chouette >/dev/null 2>&1; then change "make the user chouette" add_user; fi
  if is_pi; then join_group video "for vcgencmd"; fi
  # Of the nodes of the GPU: /dev/nvhost-* belong to video, and from JetPack 6 on others to render.
  if is_jetson; then
    join_group video "for tegrastats"
    join_group render "for tegrastats"
  fi
}

add_user() {
  shell=/usr/sbin/nologin
  [ -x $shell ] || shell=/bin/false
  if have useradd; then
    if has_group chouette; then group='-g chouette'; else group=--user-group; fi
    # shellcheck disable=SC2086
    useradd --system $group --no-create-home --home-dir "$STATE" --shell $shell chouette
  elif have addgroup && have adduser; then
    # Those of busybox.
    if ! has_group chouette; then addgroup -S chouette; fi
    adduser -S -D -H -h "$STATE" -s $shell -G chouette chouette
  else
    false
  fi || fail "the user chouette cannot be made (useradd)" "make a system user chouette with a group chouette, and run this again"
}

has_group() { grep -qs "^$1:" /etc/group || getent group "$1" >/dev/null 2>&1; }

# join_group GROUP WHY, where there is such a group.
join_group() {
  if ! has_group "$1" || id -nG chouette 2>/dev/null | tr ' ' '\n' | grep -qx "$1"; then return 0; fi
  change "add the user chouette to the group $1 ($2)" add_to_group "$1"
  GROUPS_CHANGED=yes
}

add_to_group() {
  if have usermod; then usermod -aG "$1" chouette; else addgroup chouette "$1"; fi ||
    fail "the user chouette cannot be added to the group $1" "sudo usermod -aG $1 chouette"
}

# The current executable and unit, both or none; but not those that an interrupted installation has left and nobody has seen at
# work: then the ones before them stay.
keep_old() {
  UNIT_CHANGED=''
  if ! cmp -s "$WORK/chouette.service" "$UNIT"; then UNIT_CHANGED=yes; fi
  if [ -n "$NEW$UNIT_CHANGED" ] && [ -z "$INTERRUPTED" ] && [ -e "$BINARY" ] && [ -e "$UNIT" ]; then
    change "keep the current executable as $PREVIOUS, and the unit as $UNIT.previous" keep
  fi
}

keep() {
  put "$UNIT.previous" 0644 root:root <"$UNIT"
  duplicate "$BINARY" "$PREVIOUS"
}

begin() {
  if [ -n "$DRY_RUN" ]; then return 0; fi
  make_folder "$CONFIG"
  if [ -z "$NEW$UNIT_CHANGED" ] && [ "$BEFORE" != new ]; then return 0; fi
  put "$UNFINISHED" 0644 root:root <<END
$BEFORE
END
}

install_binary() {
  if [ -n "$NEW" ]; then change "put the executable into $BINARY" place "$WORK/chouette" "$BINARY"; fi
}

# For upgrades and for removal. Of the newer release where an older version is put in place: an older one may not know the key's place.
keep_installer() {
  if cmp -s "$WORK/install.sh" "$KEPT"; then return 0; fi
  if [ -e "$KEPT" ] && [ -n "$OLD_VERSION" ] && is_older "$VERSION" "$OLD_VERSION"; then return 0; fi
  if [ -n "$DRY_RUN" ]; then
    change "keep the installer of this release as $KEPT"
    return 0
  fi
  make_folder "$KEPT_FOLDER"
  change "keep the installer of this release as $KEPT" put "$KEPT" 0755 root:root <"$WORK/install.sh"
}

# for_extras COMMAND: calls it with the name and the path of each.
for_extras() { for extra in $EXTRAS; do "$1" "${extra%%:*}" "$SHARE/${extra#*:}"; done; }

install_extras() {
  found=''
  for_extras find_new_extra
  if [ -n "$found" ]; then
    change "put completions and the man page below $SHARE" for_extras put_extra
  fi
}

find_new_extra() { if is_new_extra "$1" "$2"; then found=yes; fi; }

is_new_extra() { [ -e "$WORK/$1" ] && ! cmp -s "$WORK/$1" "$2"; }

put_extra() {
  if ! is_new_extra "$1" "$2"; then return 0; fi
  make_folder "$(dirname "$2")"
  put "$2" 0644 root:root <"$WORK/$1"
}

find_extra() { if [ -e "$2" ]; then found=yes; fi; }

# And the folders that are empty then.
remove_extra() {
  rm -f "$2"
  folder=$(dirname "$2")
  rmdir "$folder" 2>/dev/null || return 0
  # The system's own.
  if [ "$folder" != "$SHARE/man/man1" ]; then rmdir "$(dirname "$folder")" 2>/dev/null || :; fi
}

# duplicate FILE PATH: the same file under a second name; a copy where the file system cannot do that. mv refuses to put a file into
# the place of itself, as it is after an upgrade that was taken back.
duplicate() {
  if cmp -s "$1" "$2"; then return 0; fi
  rm -f "$WORK/twin"
  ln "$1" "$WORK/twin" 2>/dev/null || cp -p "$1" "$WORK/twin" || disk_full "$WORK"
  place "$WORK/twin" "$2"
}

# place FILE PATH, a rename: there is the old file or the new one at any moment, and after a power cut, too.
place() {
  flush "$1"
  mv -f "$1" "$2"
  flush "$(dirname "$2")"
}

flush() { sync "$1" 2>/dev/null || sync; }

# put PATH MODE OWNER: the standard input becomes that file, whole or not at all.
put() {
  new=$(dirname "$1")/.$(basename "$1").new
  if ! (umask 077 && cat >"$new") 2>/dev/null; then
    rm -f "$new"
    disk_full "$(dirname "$1")"
  fi
  chown "$3" "$new"
  chmod "$2" "$new"
  place "$new" "$1"
}

write_settings() {
  if [ -z "$SETTINGS_CHANGED" ]; then
    say "$CONFIG/chouette.env stays as it is"
  elif [ -n "$DRY_RUN" ] && [ -e "$CONFIG/chouette.env" ]; then
    change "change $CONFIG/chouette.env: $(updated)"
  elif [ -n "$DRY_RUN" ]; then
    change "write $CONFIG/chouette.env, with the plugins for what this machine has"
  elif [ -e "$CONFIG/chouette.env" ]; then
    change "change $CONFIG/chouette.env: $(updated)" put "$CONFIG/chouette.env" 0640 root:chouette <"$WORK/settings"
  else
    found=''
    if [ -z "${COLLECT_PLUGINS:-}" ]; then
      COLLECT_PLUGINS=$(suggested_plugins)
      found=" (COLLECT_PLUGINS=$COLLECT_PLUGINS)"
      compose
    fi
    change "write $CONFIG/chouette.env$found" put "$CONFIG/chouette.env" 0640 root:chouette <"$WORK/settings"
  fi
}

updated() {
  changes=''
  for name in $UPDATES; do
    eval "value=\${$name:-}"
    if [ -n "$value" ]; then changes="$changes${changes:+, }$name"; fi
  done
  print "$changes"
}

# The list in the last line of `chouette test-plugins`, COLLECT_PLUGINS=["host","rpi"], asked as the user that it is for.
suggested_plugins() {
  line=$(as_chouette "$BINARY" test-plugins 2>/dev/null | tail -n 1) || :
  case $line in
    'COLLECT_PLUGINS=['?*']') printf '%s\n' "${line#COLLECT_PLUGINS=}" | printable ;;
    *) print '["host"]' ;;
  esac
}

# The file is there even when the key is elsewhere: LoadCredential= fails without it.
write_key() {
  if [ -z "$KEY_CHANGED" ]; then
    if has_key; then say "the API key that is there stays"; fi
    if [ ! -e "$CONFIG/api_key" ]; then change "make $CONFIG/api_key, empty" put "$CONFIG/api_key" 0640 root:chouette </dev/null; fi
  elif [ -n "$DRY_RUN" ]; then
    change "write the API key into $CONFIG/api_key"
  else
    change "write the API key into $CONFIG/api_key" put "$CONFIG/api_key" 0640 root:chouette <<END
$KEY
END
  fi
}

# Access to the socket allows starting a container that is root on the machine: never without a yes.
offer_docker() {
  if [ "$DOCKER" = yes ]; then
    has_group docker || fail "there is no group docker here" "install Docker first, or omit --docker"
    join_group docker "for Docker's socket; this is as good as root"
    return 0
  fi
  if [ ! -S /var/run/docker.sock ] || id -nG chouette 2>/dev/null | tr ' ' '\n' | grep -qx docker; then return 0; fi
  if [ -n "$ASKING" ] && [ -n "$DRY_RUN" ]; then
    change "ask whether Chouette may use Docker's socket"
    return 0
  elif [ -n "$ASKING" ]; then
    printf '  Docker runs here. Let Chouette use its socket (as good as root)? [y/N] ' >/dev/tty
    IFS= read -r answer </dev/tty || answer=''
    case $answer in
      [yY]*)
        join_group docker "for Docker's socket"
        return 0
        ;;
    esac
  fi
  say "Docker runs here. To measure its containers: $(self --docker) (as good as root for the user chouette)"
}

# --- 5. The service ---

install_unit() {
  if [ -n "$UNIT_CHANGED" ]; then
    change "put the unit into $UNIT" put "$UNIT" 0644 root:root <"$WORK/chouette.service"
  fi
  install_drop_in
  install_sockets
  if [ -z "$DRY_RUN" ]; then systemctl daemon-reload; fi
  if [ -n "$SOCKET_NEW" ]; then
    change "enable the sockets for applications" systemctl -q enable chouette-dogstatsd.socket
  fi
}

# Enabled when they are new only, or may be so: who disabled them does not want them back with an upgrade.
install_sockets() {
  SOCKET_NEW=''
  if [ ! -e "$WORK/chouette-dogstatsd.socket" ]; then return 0; fi
  if [ ! -e "$SOCKET" ] || [ -n "$INTERRUPTED" ]; then SOCKET_NEW=yes; fi
  if cmp -s "$WORK/chouette-dogstatsd.socket" "$SOCKET"; then return 0; fi
  change "put the sockets into $SOCKET" put "$SOCKET" 0644 root:root <"$WORK/chouette-dogstatsd.socket"
  UNIT_CHANGED=yes
}

# LoadCredential= is known to systemd from 247 on; before, the agent reads the file. Before 240 systemd does not say either
# where StateDirectory= is, and the agent must not have to ask it while the machine starts.
install_drop_in() {
  drop_in=$UNIT.d/10-api-key-file.conf
  if [ "${SYSTEMD:-0}" -ge 247 ]; then
    if [ -z "$DRY_RUN" ] && [ -e "$drop_in" ]; then rm -f "$drop_in"; fi
  elif [ ! -e "$drop_in" ]; then
    change "put $drop_in beside it (systemd $SYSTEMD has no credentials)"
    if [ -n "$DRY_RUN" ]; then return 0; fi
    make_folder "$UNIT.d"
    put "$drop_in" 0644 root:root <<END
[Service]
Environment=API_KEY_FILE=$CONFIG/api_key STATE_DIRECTORY=$STATE
END
    UNIT_CHANGED=yes
  fi
}

start_service() {
  RESULT=''
  if [ -z "$START" ]; then
    RESULT='not started'
  elif [ "$BEFORE" = new ] && [ -z "$KEY" ] && ! has_key; then
    RESULT='no key'
  elif [ "$BEFORE" = stopped ]; then
    RESULT=stopped
  else
    if [ "$BEFORE" = new ]; then change "enable the service" systemctl -q enable chouette.service; fi
    if [ -n "$NEW$UNIT_CHANGED$GROUPS_CHANGED$SETTINGS_CHANGED$KEY_CHANGED$INTERRUPTED" ] || [ "$(property ActiveState)" != active ]; then
      bring_up
    else
      RESULT=running
    fi
  fi
}

bring_up() {
  old_pid=$(property MainPID)
  if [ -z "$DRY_RUN" ]; then systemctl reset-failed chouette.service 2>/dev/null || :; fi
  if [ "$BEFORE" = new ]; then watch='' ; else watch=yes; fi
  change "start the service${watch:+, and watch it for $PATIENCE seconds}" systemctl --no-block restart chouette.service
  if [ -n "$DRY_RUN" ]; then return 0; fi
  if is_healthy "$old_pid" "$watch"; then
    RESULT=running
  elif can_go_back; then
    go_back
  else
    failure_report
    rm -f "$UNFINISHED"
    fail "Chouette $VERSION is installed, but it does not run: $REASON" "what it says is above; all of it: sudo journalctl -u chouette" \
      "settings: $(edit "$CONFIG/chouette.env")" "then: sudo systemctl restart chouette" "to remove it: $(self --uninstall)"
  fi
}

# is_healthy OLD_PID WATCH: ready (Type=notify), and of the executable that was installed; with WATCH it has to stay so until the time
# is over. What is wrong is then in REASON. The old process may take its time for its last deliveries.
is_healthy() {
  seconds=0 stopping=0 pid='' REASON=''
  while [ $seconds -lt $PATIENCE ]; do
    sleep 1
    now=$(systemctl show -p ActiveState -p SubState -p MainPID chouette.service | tr '\n' ' ')
    now_pid=$(printf '%s\n' "$now" | sed 's/.*MainPID=\([0-9]*\).*/\1/')
    if [ "$now_pid" = "$1" ] && [ "$1" != 0 ] && [ $stopping -lt 100 ]; then
      stopping=$((stopping + 1))
      continue
    fi
    seconds=$((seconds + 1))
    case $now in
      *=failed* | *=auto-restart*) REASON="it has ended ($(property Result), exit code $(property ExecMainStatus))" ;;
      *=active*)
        if [ -n "$pid" ] && [ "$pid" != "$now_pid" ]; then REASON="it ended after it had been ready, and was started again"; fi
        if [ "$(readlink "/proc/$now_pid/exe")" = "$BINARY" ]; then pid=$now_pid; fi
        if [ -n "$pid" ] && [ -z "$2$REASON" ]; then return 0; fi
        ;;
    esac
    if [ -n "$REASON" ]; then return 1; fi
  done
  if [ -n "$pid" ]; then return 0; fi
  status=$(property StatusText | printable)
  REASON="it was not ready within $PATIENCE seconds${status:+ ($status)}"
  return 1
}

can_go_back() { [ -e "$PREVIOUS" ] && [ -n "$NEW$UNIT_CHANGED$INTERRUPTED" ]; }

go_back() {
  reason=$REASON
  failure_report
  say "putting the old version back"
  waiting=$(undelivered)
  duplicate "$BINARY" "$REFUSED"
  duplicate "$PREVIOUS" "$BINARY"
  if [ -e "$UNIT.previous" ]; then put "$UNIT" 0644 root:root <"$UNIT.previous"; fi
  systemctl daemon-reload
  systemctl reset-failed chouette.service 2>/dev/null || :
  old_pid=$(property MainPID)
  systemctl --no-block restart chouette.service
  old=$("$BINARY" --version 2>/dev/null | head -n 1 | printable) || old='the old version'
  if is_healthy "$old_pid" ''; then outcome="Chouette $old runs again"; else outcome="Chouette $old is back, but it does not run either: $REASON"; fi
  rm -f "$UNFINISHED"
  case $waiting in
    elsewhere | '0 raw metrics, 0 points, 0 logs') rm -f "$REFUSED" ;;
    # The old version reads neither the queues that the new one has converted at its first start, nor what is in RAM only. While the
    # new one sends them, the old one must not write.
    *)
      say "waiting in $STATE and $RUNTIME, and visible to $VERSION alone: ${waiting:-how much is not known}; to send it, before the next boot:"
      print "sudo systemctl stop chouette; sudo $REFUSED flush; sudo systemctl start chouette" | typed | sed 's/^/    /'
      ;;
  esac
  fail "Chouette $VERSION does not work here: $reason. $outcome" \
    "the last lines of the new one are above; all of them: sudo journalctl -u chouette" "report them; for another version: $(self --version X.Y.Z)"
}

# What the service said since it was started at last, for people: before anything else is started.
failure_report() {
  say "the service says:"
  {
    property StatusText | sed -n 's/^./status: &/p'
    started=$(property InvocationID)
    if [ -n "$started" ]; then set -- "_SYSTEMD_INVOCATION_ID=$started" + "INVOCATION_ID=$started"; else set -- -u chouette.service; fi
    journalctl -n 12 --no-pager -o cat "$@" 2>/dev/null || :
  } | printable | sed 's/^/    /' >&2 || :
}

finish() {
  if [ -n "$DRY_RUN" ]; then
    say "nothing was changed"
    return 0
  fi
  rm -f "$UNFINISHED"
  print ''
  case $RESULT in
    running)
      print "Chouette $VERSION runs. Next:"
      hint 'sudo chouette status' 'agent, last delivery, queues'
      hint "$(edit "$CONFIG/chouette.env")" 'settings'
      hint 'sudo systemctl reload chouette' 'applies changed settings'
      hint 'sudo journalctl -fu chouette' 'what it says'
      ;;
    'no key')
      print "Chouette $VERSION is installed, but not started: it has no Datadog API key. Next:"
      hint "$(edit "$CONFIG/api_key")" 'the key alone in one line'
      hint 'sudo systemctl enable --now chouette' 'starts it, now and at each boot'
      ;;
    stopped)
      print "Chouette $VERSION is installed. The service was stopped before, and stays so. Next:"
      hint 'sudo systemctl enable --now chouette' 'starts it, now and at each boot'
      ;;
    *)
      print "Chouette $VERSION is installed. Next:"
      if ! has_key; then hint "$(edit "$CONFIG/api_key")" 'the key alone in one line'; fi
      hint 'sudo systemctl enable chouette' 'at each boot'
      hint 'sudo systemctl restart chouette' 'now'
      ;;
  esac
}

hint() { printf '  %-38s  %s\n' "$(print "$1" | typed)" "$(print "$2" | typed)" 2>/dev/null || :; }

# The command that edits this file, with an editor that is here.
edit() {
  for editor in nano vim vi; do
    # Not one that is only in this shell, as those of busybox.
    case $(command -v $editor 2>/dev/null) in /*)
      print "sudo $editor $1" | typed
      return 0
      ;;
    esac
  done
  print "open $1 in an editor"
}

# Commands as they are typed here: without sudo where there is none.
typed() { if have sudo; then cat; else sed 's/sudo //g'; fi; }

# --- Uninstall ---

uninstall() {
  STEP="removing Chouette"
  need_root
  take_turn
  if [ ! -e "$BINARY" ] && [ ! -e "$UNIT" ] && [ ! -e "$CONFIG" ] && [ ! -e "$STATE" ] && [ ! -e "$KEPT" ]; then
    print "Chouette is not installed here."
    return 0
  fi
  if [ -n "$PURGE" ]; then confirm_purge; fi
  if [ -d /run/systemd/system ] && [ -e "$UNIT" ]; then
    change "stop and disable the service" stop_service
  fi
  change "remove $UNIT" rm -f "$UNIT" "$UNIT.previous" "$SOCKET" "$UNITS"/.chouette-dogstatsd.socket*.new "$UNIT.wants/chouette-dogstatsd.socket" "$UNITS"/.chouette.service*.new "$UNITS/multi-user.target.wants/chouette.service" \
    "$UNIT.d/10-api-key-file.conf" "$UNIT.d"/.10-*.new
  if [ -n "$PURGE" ]; then change "remove what was changed of the unit" rm -rf "$UNIT.d"; fi
  if [ -z "$DRY_RUN" ]; then
    rmdir "$UNIT.d" "$UNIT.wants" 2>/dev/null || :
    if [ -d /run/systemd/system ]; then
      systemctl daemon-reload
      systemctl reset-failed chouette.service 2>/dev/null || :
    fi
  fi
  change "remove $BINARY" rm -rf "$BINARY" "$PREVIOUS" "$REFUSED" "$UNFINISHED" "$BIN"/.chouette-install.*
  found=''
  for_extras find_extra
  if [ -n "$found" ]; then change "remove the completions and the man page" for_extras remove_extra; fi
  if [ -z "$PURGE" ]; then
    say "$CONFIG (settings, key), $STATE (queues), $KEPT and the user chouette stay; to remove them: $(self --uninstall --purge)"
  else
    change "remove $CONFIG, $STATE, $RUNTIME and $KEPT_FOLDER" rm -rf "$CONFIG" "$STATE" "$RUNTIME" "$KEPT_FOLDER"
    # Somebody else's user of that name has another home.
    if grep -qs "^chouette:.*:$STATE:" /etc/passwd; then change "remove the user chouette" remove_user; fi
  fi
  if [ -z "$DRY_RUN" ]; then print "Chouette is removed."; else say "nothing was changed"; fi
}

# Lists what is lost for good, and on a terminal asks first.
confirm_purge() {
  waiting=$(undelivered)
  case $waiting in
    '') if [ -e "$STATE" ]; then say "how much waits in $STATE is not known; all of it is deleted"; fi ;;
    elsewhere) say "what waits in Redis stays there" ;;
    *) say "not delivered yet, and deleted with $STATE and $RUNTIME: $waiting" ;;
  esac
  if [ -n "$DRY_RUN" ] || ! has_terminal; then return 0; fi
  printf '  Delete settings, key and queues? [y/N] ' >/dev/tty
  IFS= read -r answer </dev/tty || answer=''
  case $answer in
    [yY]*) ;;
    *) fail "nothing has been removed" "to keep them: $(self --uninstall)" ;;
  esac
}

# "3 raw metrics, 32 points, 0 logs", and the others where there are any, from {"queue":"chouette:metrics:wrapped","count":32, of `chouette inspect-queue --json`; those that
# the intake has rejected, too. "elsewhere" where they are in Redis, nothing where that is not known.
undelivered() {
  [ -x "$BINARY" ] && [ -e "$CONFIG/chouette.env" ] || return 0
  limited 60 env -i PATH="$PATH" "$BINARY" inspect-queue --json 2>/dev/null | tr -d '\n ' | sed 's/{"queue":/\n&/g' | awk '
    /"storage":\{"type":"sqlite"/ { ours = 1 }
    match($0, /^\{"queue":"chouette:[a-z:]*","count":[0-9]+/) {
      split(substr($0, 1, RLENGTH), part, "\"")
      count = substr($0, 1, RLENGTH)
      sub(/.*:/, "", count)
      split(part[4], word, ":")
      sum[word[2] ":" word[3]] += count
      if (word[2] != "metrics" && word[2] != "logs") others += count
    }
    /"storage":\{"type":"redis"/ { print "elsewhere" }
    END {
      if (!ours) exit
      printf "%d raw metrics, %d points, %d logs", sum["metrics:raw"], sum["metrics:wrapped"], sum["logs:wrapped"]
      if (others) printf ", %d distributions, events and service checks", others
      print ""
    }'
}

# Whatever systemd says to that, the rest is removed.
stop_service() {
  systemctl -q disable --now chouette.service || :
  if [ -e "$SOCKET" ]; then systemctl -q disable --now chouette-dogstatsd.socket || :; fi
}

remove_user() {
  if have userdel; then userdel chouette; else deluser chouette; fi
  if has_group chouette; then
    if have groupdel; then groupdel chouette; else delgroup chouette; fi
  fi
}

# --- Words ---

step() {
  STEP=$2
  print "[$1/5] $2"
}

say() { print "  $1"; }

# Continues even when its output can no longer be read.
print() { printf '%s\n' "$@" 2>/dev/null || :; }

# change WHAT COMMAND…: says it and does it; only says it with --dry-run.
change() {
  if [ -n "$DRY_RUN" ]; then
    say "would $1"
    return 0
  fi
  say "$1"
  shift
  "$@"
}

# fail WHAT NEXT…: what happened, to what, with DETAILS in further lines, and what to type next.
fail() {
  EXPLAINED=yes
  print "install.sh: $1" ${DETAILS:+"$DETAILS"} "Next:" >&2
  shift
  printf '  %s\n' "$@" | typed >&2 || :
  exit 1
}

misuse() {
  EXPLAINED=yes
  print "install.sh: $1 (sh install.sh --help)" >&2
  exit 2
}

# What others have written, without what a terminal would obey: control characters (C0, C1), the marks that turn the direction of a
# text (U+202A to U+202E, U+2066 to U+2069), and bytes that are not UTF-8 become question marks.
printable() {
  tr '\001-\010\013-\037\177' '?' | sed -E "$(printf '
    s/\302[\200-\237]|\342\200[\252-\256]|\342\201[\246-\251]/?/g
    s/[\302-\337][\200-\277]|[\340-\357][\200-\277]{2}|[\360-\364][\200-\277]{3}/\001&/g
    :stray
    s/(^|[\002-\177])[\200-\377]/\\1?/
    t stray
    s/\001//g')"
}

have() { command -v "$1" >/dev/null 2>&1; }

is_version() {
  case $1 in *"$NEWLINE"* | *-?????????????????????????????????*) return 1 ;; esac
  printf '%s\n' "$1" | grep -Eq '^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$'
}

# Not the variable's name, either, which is easily pasted along.
is_key() { case $1 in '' | *[!A-Za-z0-9_-]* | *API_KEY* | *api_key*) return 1 ;; esac; }

# is_older A B, by https://semver.org section 11: 1.0.0-rc.2 is older than 1.0.0-rc.10, and that than 1.0.0.
is_older() {
  printf '%s %s\n' "$1" "$2" | awk '{
    core($1, a); core($2, b)
    for (i = 1; i <= 3; i++) if (a[i] + 0 != b[i] + 0) exit !(a[i] + 0 < b[i] + 0)
    m = label($1, a); n = label($2, b)
    if (m == 0 || n == 0) exit !(m > 0 && n == 0)
    for (i = 1; i <= m && i <= n; i++) {
      if (a[i] "" == b[i] "") continue
      x = a[i] ~ /^[0-9]+$/; y = b[i] ~ /^[0-9]+$/
      if (x && y) exit !(a[i] + 0 < b[i] + 0)
      exit x != y ? !x : !(a[i] "" < b[i] "")
    }
    exit !(m < n)
  }
  function core(version, into) { sub(/-.*/, "", version); split(version, into, ".") }
  function label(version, into) { return sub(/^[^-]*-/, "", version) ? split(version, into, ".") : 0 }'
}

main "$@"; }
