#!/bin/sh
# make-sd-card.sh ROOT KERNEL OUT: what an emulated board starts from, out of the root file system of a userland (a folder) and
# the folder that the package linux-image-arm64 was unpacked into. Both stay as they are. Writes into OUT:
#   card.img   the root file system, 2 GiB as sizes of SD cards are powers of two
#   linux      the kernel
#   initrd     loads the modules that the kernel needs to mount the card, and mounts it
#   raspberry-pi-3-b.dtb
# As root, with mkfs.ext4, depmod and cpio.
set -eu
root=$1 kernel=$2 out=$3
PATH=$PATH:/usr/sbin:/sbin
release=$(basename "$kernel"/lib/modules/*)

# Modules of what there is on the boards: the whole folder is three times the size of the rest.
MODULES='lib crypto arch/arm64/crypto fs/ext4 fs/jbd2 fs/mbcache.ko fs/autofs fs/fuse fs/configfs
  drivers/char drivers/clk drivers/cpufreq drivers/hwmon drivers/mmc drivers/pwm drivers/thermal drivers/usb drivers/watchdog
  drivers/virtio drivers/block/virtio_blk.ko drivers/net/virtio_net.ko drivers/net/net_failover.ko net/core drivers/net/mii.ko drivers/net/usb'
# What the card is read with: the Raspberry Pi's two controllers, and that of QEMU's board virt.
TO_MOUNT='crc32c_generic ext4 bcm2835 sdhci-iproc virtio_mmio virtio_blk'

main() {
  mkdir -p "$out/tree" "$out/initrd.tree"
  # Links instead of copies. From here on a file of the root is replaced, never written to.
  cp -al "$root/." "$out/tree"
  add_modules
  add_settings
  make_card
  make_initrd
  cp "$kernel/boot/vmlinuz-$release" "$out/linux"
  cp "$kernel/usr/lib/linux-image-$release/broadcom/bcm2837-rpi-3-b.dtb" "$out/raspberry-pi-3-b.dtb"
  rm -rf "$out/tree" "$out/initrd.tree"
}

add_modules() {
  modules=$out/tree/usr/lib/modules/$release
  mkdir -p "$modules"
  for name in $MODULES; do
    mkdir -p "$modules/kernel/$(dirname "$name")"
    cp -al "$kernel/lib/modules/$release/kernel/$name" "$modules/kernel/$name"
  done
  cp "$kernel/lib/modules/$release"/modules.builtin* "$kernel/lib/modules/$release/modules.order" "$modules/"
  depmod --basedir "$out/tree/usr" "$release"
}

add_settings() {
  # The name of the host is on the command line of the kernel. With a number of its own it does not set itself up as on a first start, which takes long.
  replace /etc/machine-id <<'END'
c0ffee00c0ffee00c0ffee00c0ffee00
END
  # The driver of the card has no name before it is mounted: /dev/mmcblk0, or /dev/vda.
  replace /etc/fstab <<'END'
LABEL=root / ext4 defaults,noatime 0 1
END
  # The addresses of QEMU's user network, in which 10.0.2.2 is the test's machine.
  replace /etc/systemd/network/wired.network <<'END'
[Match]
Name=e* usb*
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
END
  # A shell for the test at the other end of a connection; its port is on the command line of the kernel.
  replace /usr/local/sbin/test-shell <<'END'
#!/bin/bash
port=$(sed 's/.*test_port=\([0-9]*\).*/\1/' /proc/cmdline)
while :; do
  if exec 3<>"/dev/tcp/10.0.2.2/$port"; then sh <&3 >&3 2>&3; exec 3>&-; else sleep 1; fi
done 2>/dev/null
END
  chmod 755 "$out/tree/usr/local/sbin/test-shell"
  replace /etc/systemd/system/test-shell@.service <<'END'
[Unit]
Description=Commands of the test (%i)
After=systemd-networkd.service
[Service]
ExecStart=/usr/local/sbin/test-shell
Environment=HOME=/root
END
  wants=$out/tree/etc/systemd/system/multi-user.target.wants
  mkdir -p "$wants"
  ln -s /lib/systemd/system/systemd-networkd.service "$wants/"
  for number in 1 2; do ln -s ../test-shell@.service "$wants/test-shell@$number.service"; done
  # These would work, and with an emulated processor for long, on what no test is about.
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer; do
    ln -sf /dev/null "$out/tree/etc/systemd/system/$unit"
  done
}

# Writes standard input to a new file of the card.
replace() {
  mkdir -p "$out/tree$(dirname "$1")"
  rm -f "$out/tree$1"
  cat >"$out/tree$1"
}

make_card() {
  truncate -s 2G "$out/card.img"
  mkfs.ext4 -q -L root -d "$out/tree" "$out/card.img"
}

make_initrd() {
  initrd=$out/initrd.tree
  mkdir "$initrd/proc" "$initrd/dev" "$initrd/card"
  cp "$out/tree/bin/busybox" "$initrd/"
  # Each behind those that it needs.
  for name in $TO_MOUNT; do
    modprobe --dirname "$out/tree/usr" --set-version "$release" --show-depends "$name" | sed -n 's/^insmod //p'
  done | awk '!seen[$1]++ { print $1 }' | while read -r path; do
    cp "$path" "$initrd/"
    basename "$path" >>"$initrd/modules"
  done
  cat >"$initrd/init" <<'END'
#!/busybox sh
/busybox mount -t proc proc /proc
/busybox mount -t devtmpfs dev /dev
while read -r module; do /busybox insmod "/$module"; done </modules
until /busybox mount /dev/mmcblk0 /card 2>/dev/null || /busybox mount /dev/vda /card 2>/dev/null; do /busybox sleep 0.2; done
/busybox umount /proc
/busybox mount --move /dev /card/dev
exec /busybox switch_root /card /sbin/init
END
  chmod 755 "$initrd/init"
  (cd "$initrd" && find . | cpio --quiet -o -H newc | gzip) >"$out/initrd"
}

main
