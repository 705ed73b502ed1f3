import { diskOf, LYING_DF, type Refusal } from "./refusals.ts";

const uname = (machine: string) => `shim uname 'case $1 in -m) echo ${machine};; *) echo Linux;; esac'`;
/** The header of an ELF file: 32-bit, ARM. */
const ARM_PROGRAMS = `cp $(command -v "$shell") $shims/; shell=$shims/$shell; head -c 18 /bin/dash >$shims/arm; printf '\\050\\000' >>$shims/arm; mount --bind $shims/arm /bin/dash`;

/** What a machine may be like. */
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
    next: "install the package libatomic1",
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
    on: diskOf("100m"),
    says: "there is not enough space: 99 MB are free where /usr/local/bin is, and 185 MB are needed",
    next: "df -h /usr/local/bin",
  },
  {
    name: "a disk that is full in the middle of the download",
    on: `${diskOf("1m")}; ${LYING_DF}`,
    words: "--version 1.0.0",
    says: "the disk is full",
    next: "sudo apt-get clean",
  },
  {
    name: "a disk that is full while the executable is unpacked",
    on: `${diskOf("3m")}; ${LYING_DF}`,
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
    name: "another running installation",
    on: "(exec 9>/run/chouette-install.lock; flock 9; exec sleep 1000) & trap 'kill $!' EXIT; until ! flock -n /run/chouette-install.lock true; do :; done",
    says: "another installation of Chouette is running",
    next: "wait until it has ended",
  },
];
