/** A machine or a network on which install.sh can do nothing, and what it says then. */
export type Refusal = {
  name: string;
  /** Shell commands, run by root in a mount namespace of their own, after PRELUDE. */
  on?: string;
  words?: string;
  /** In the first line of standard error. */
  says: string;
  /** In what is to be typed next. */
  next: string;
};

/**
 * shim NAME SCRIPT: a program in front of the real one. hide PATH…: programs that are not there. without_space FOLDER SIZE: an
 * almost full disk.
 */
export const PRELUDE = `
set -e
shims=$(mktemp -d); PATH=$shims:$PATH
shim() { printf '#!/bin/bash\\n%s\\n' "$2" >"$shims/$1"; chmod 755 "$shims/$1"; }
hide() { for path; do mount --bind /etc/passwd "$path"; done; }
`;

const uname = (machine: string) => `shim uname 'case $1 in -m) echo ${machine};; *) echo Linux;; esac'`;
/** The header of an ELF file: 32-bit, ARM. */
const ARM_PROGRAMS = `cp /bin/dash $shims/dash; shell=$shims/dash; head -c 18 /bin/dash >$shims/arm; printf '\\050\\000' >>$shims/arm; mount --bind $shims/arm /bin/dash`;
const disk = (size: string) => `mount -t tmpfs -o size=${size} none /usr/local/bin`;
const LYING_DF = `shim df 'echo; echo none 1 1 99999999 1% /'`;

export const MACHINES: Refusal[] = [
  {
    name: "no Linux",
    on: "shim uname 'echo FreeBSD'",
    says: "this is FreeBSD, and Chouette runs on Linux only",
    next: "install it on the Raspberry Pi",
  },
  {
    name: "a Raspberry Pi Zero",
    on: uname("armv6l"),
    says: "this is an ARMv6 processor (Raspberry Pi 1, Zero or Zero W)",
    next: "a Raspberry Pi Zero 2 W takes its place",
  },
  {
    name: "an ARMv6 whose kernel says something else",
    on: `${uname("armv7l")}; echo 'model name : ARMv6-compatible processor rev 7 (v6l)' >$shims/cpu; mount --bind $shims/cpu /proc/cpuinfo`,
    says: "this is an ARMv6 processor",
    next: "write to the Redis of another machine",
  },
  {
    name: "another processor",
    on: uname("riscv64"),
    says: "there is no build of Chouette for this machine (riscv64, programs of kind 62)",
    next: "there are builds for x86_64",
  },
  {
    name: "musl",
    on: "shim getconf 'exit 1'; shim ldd 'echo musl libc \\(x86_64\\) >&2; exit 1'",
    says: "this system has the C library musl",
    next: "run it in a container",
  },
  {
    name: "no C library that is known",
    on: "shim getconf 'exit 1'; hide $(command -v ldd)",
    says: "no glibc is found here",
    next: "Raspberry Pi OS, Debian, Ubuntu",
  },
  {
    name: "an old glibc",
    on: "shim getconf 'echo glibc 2.12'",
    says: "this system has glibc 2.12, and Chouette for linux-x64 needs 2.17 or newer",
    next: "upgrade the system",
  },
  {
    name: "an old glibc on ARMv7",
    on: `${uname("armv7l")}; ${ARM_PROGRAMS}; shim getconf 'echo glibc 2.24'`,
    says: "this system has glibc 2.24, and Chouette for linux-armv7 needs 2.28 or newer",
    next: "upgrade the system",
  },
  {
    name: "an old libstdc++ on ARMv7",
    on: `${uname("aarch64")}; ${ARM_PROGRAMS}; for name in atomic.so.1 stdc++.so.6; do mkdir -p $shims/lib; echo old >$shims/lib/lib$name; done; mount --bind $shims/lib /usr/local/lib`,
    says: "the library /usr/local/lib/libstdc++.so.6 is older than that of GCC 9",
    next: "Raspberry Pi OS 11",
  },
  {
    name: "a library that is missing on ARMv7, and no apt",
    on: `${uname("aarch64")}; ${ARM_PROGRAMS}; hide $(command -v apt-get)`,
    says: "the library libatomic.so.1 is missing",
    next: "install it with the package manager",
  },
  {
    name: "no systemd",
    on: "mount -t tmpfs none /run",
    says: "systemd does not run here",
    next: "./chouette run",
  },
  {
    name: "a masked service",
    on: "systemctl -q mask chouette.service 2>/dev/null",
    says: "the service chouette is masked",
    next: "sudo systemctl unmask chouette",
  },
  {
    name: "no root",
    on: "AS='setpriv --reuid=65534 --clear-groups'",
    says: "this needs root, and you are nobody",
    next: "sudo sh /opt/install.sh",
  },
  {
    name: "no curl and no wget",
    on: "hide $(command -v curl)",
    says: "there is neither curl nor wget",
    next: "sudo apt-get install curl",
  },
  {
    name: "no openssl, and apt does not have it",
    on: "hide $(command -v openssl); shim apt-get 'exit 100'",
    says: "the package openssl cannot be installed",
    next: "sudo apt-get update && sudo apt-get install openssl",
  },
  {
    name: "a disk from which nothing is executed",
    on: "mount -t tmpfs -o noexec none /usr/local/bin",
    says: "programs in /usr/local/bin may not be executed",
    next: "sudo mount -o remount,exec",
  },
  {
    name: "a read-only disk",
    on: "mount -t tmpfs -o ro none /usr/local/bin",
    says: "the file system of /usr/local/bin is read-only",
    next: "sudo mount -o remount,rw /",
  },
  {
    name: "too little space",
    on: disk("100m"),
    says: "there is not enough space: 99 MB are free where /usr/local/bin is, and 185 MB are needed",
    next: "df -h /usr/local/bin",
  },
  {
    name: "a disk that is full in the middle of the download",
    on: `${disk("1m")}; ${LYING_DF}`,
    words: "--version 1.0.0",
    says: "the disk is full",
    next: "sudo apt-get clean",
  },
  {
    name: "a disk that is full while the executable is unpacked",
    on: `${disk("3m")}; ${LYING_DF}`,
    words: "--version 1.0.0",
    says: "the disk is full",
    next: "sudo apt-get clean",
  },
  {
    name: "a disk for settings that is full",
    on: "mount -t tmpfs none /usr/local/bin; mkdir -p /etc/chouette; mount -t tmpfs -o size=4k none /etc/chouette",
    words: "--version 1.0.0",
    says: "the disk is full",
    next: "sudo apt-get clean",
  },
  {
    name: "a user that cannot be made",
    on: "shim useradd 'exit 1'",
    words: "--version 1.0.0",
    says: "the user chouette cannot be made",
    next: "make a system user chouette",
  },
  {
    name: "another installation at work",
    on: "(exec 9</usr/local/bin; flock 9; exec sleep 1000) & trap 'kill $!' EXIT; until ! flock -n /usr/local/bin true; do :; done",
    says: "another installation of Chouette is at work",
    next: "wait until it has ended",
  },
];

/** What releases and the network may be like; the rig knows what is at these versions. */
export const RELEASES: Refusal[] = [
  {
    name: "no such version",
    words: "--version 9.9.9",
    says: "/download/v9.9.9/VERSION does not exist",
    next: "there may be no version 9.9.9 there",
  },
  {
    name: "a server that refuses",
    words: "--version 4.0.3",
    says: "127.0.0.1",
    next: "look at the address",
  },
  {
    name: "a server that is broken",
    words: "--version 5.0.0",
    says: "breaks again and again (curl ended with 22, HTTP 500)",
    next: "run this again when the network is there",
  },
  {
    name: "a login page instead of the release",
    words: "--version 2.0.0",
    says: "/download/v2.0.0/VERSION a web page came",
    next: "log in to the network with a browser",
  },
  {
    name: "a login page instead of the executable",
    words: "--version 2.1.0",
    says: ".gz a web page came",
    next: "log in to the network with a browser",
  },
  {
    name: "a version that is none",
    words: "--version 2.2.0",
    says: "VERSION of the release is not the number of a version",
    next: "http://127.0.0.1",
  },
  {
    name: "another version than that of its address",
    words: "--version 2.3.0",
    says: "version 2.3.0 was asked for, and",
    next: "leave --version away",
  },
  {
    name: "a damaged executable",
    words: "--version 2.4.0",
    says: "the checksum of chouette-linux-x64.gz is wrong",
    next: "run this again",
  },
  {
    name: "a changed unit",
    words: "--version 2.5.0",
    says: "the checksum of chouette.service is wrong",
    next: "run this again",
  },
  {
    name: "checksums that were changed",
    words: "--version 2.6.0",
    says: "is wrong: it is not from the makers of this install.sh; nothing is installed",
    next: "do not install this release, and report it",
  },
  {
    name: "a folder without a signature",
    on: 'cp -r /opt/1.0.0 "$shims/1.0.0"; rm "$shims/1.0.0/SHA256SUMS.sig"; set -- --from "$shims/1.0.0"',
    says: "is not signed: SHA256SUMS.sig is missing",
    next: "use another release",
  },
  {
    name: "no executable for this machine",
    words: "--version 2.7.0",
    says: "/download/v2.7.0/chouette-linux-x64.gz does not exist",
    next: "without --version the newest is taken",
  },
  {
    name: "an executable that does not start",
    words: "--version 2.8.0",
    says: "Chouette 2.8.0 does not start here (exit code 3); nothing has been changed",
    next: "it says: no",
  },
  {
    name: "an executable for a newer processor",
    words: "--version 2.9.0",
    says: "Chouette 2.9.0 uses instructions that this processor does not have",
    next: "report the processor",
  },
  {
    name: "no DNS",
    on: "export CHOUETTE_DOWNLOAD_URL=http://chouette.invalid",
    says: "the name chouette.invalid is not found",
    next: "ping -c 1 chouette.invalid",
  },
  {
    name: "nothing that listens",
    on: "export CHOUETTE_DOWNLOAD_URL=http://127.0.0.1:1",
    says: "nothing listens at 127.0.0.1:1",
    next: "nothing has been changed",
  },
  {
    name: "a server that does not answer",
    on: "shim curl 'printf 000; exit 28'",
    says: "127.0.0.1",
    next: "HTTPS_PROXY",
  },
  {
    name: "a certificate that is not trusted",
    on: "export CHOUETTE_DOWNLOAD_URL=$TLS",
    says: "is not to be trusted (curl ended with 60, HTTP 000); this machine's clock says 20",
    next: "sudo timedatectl set-ntp true",
  },
  {
    name: "wget, and no such version",
    on: "hide $(command -v curl); ln -s /opt/wget $shims/wget",
    words: "--version 9.9.9",
    says: "/download/v9.9.9/VERSION does not exist",
    next: "there may be no version 9.9.9 there",
  },
  {
    name: "wget, and no DNS",
    on: "hide $(command -v curl); ln -s /opt/wget $shims/wget; export CHOUETTE_DOWNLOAD_URL=http://chouette.invalid",
    says: "the name chouette.invalid is not found",
    next: "ping -c 1 chouette.invalid",
  },
  {
    name: "wget, and nothing that listens",
    on: "hide $(command -v curl); ln -s /opt/wget $shims/wget; export CHOUETTE_DOWNLOAD_URL=http://127.0.0.1:1",
    says: "nothing listens at 127.0.0.1:1",
    next: "nothing has been changed",
  },
  {
    name: "wget, and a certificate that is not trusted",
    on: "hide $(command -v curl); ln -s /opt/wget $shims/wget; export CHOUETTE_DOWNLOAD_URL=$TLS",
    says: "is not to be trusted (wget ended with 5)",
    next: "sudo timedatectl set-ntp true",
  },
  {
    name: "wget, and a disk that is full",
    on: `hide $(command -v curl); ln -s /opt/wget $shims/wget; ${disk("1m")}; ${LYING_DF}`,
    says: "the disk is full",
    next: "sudo apt-get clean",
  },
  {
    name: "the install.sh of the tree",
    on: "installer=/opt/tree.sh",
    says: "this install.sh is of the source tree",
    next: "sudo sh install.sh --from DIR",
  },
  {
    name: "a folder that is none",
    words: "--from /opt",
    says: "/opt is no release folder",
    next: "scripts/release/pack.sh",
  },
];
