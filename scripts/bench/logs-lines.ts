/** Lines as a Raspberry Pi's syslog has them, made up from the programs that write most there; every seventh repeats the one before. */
export function syslogLines(count: number): string {
  const lines: string[] = [];
  // Within an hour: older ones would expire.
  const now = Date.now();
  const step = 3_600_000 / count;
  for (let i = 0; i < count; i++) {
    const time = new Date(now - (count - i) * step).toISOString().replace("Z", "+00:00");
    const message = MESSAGES[(i % 7 === 6 ? i - 1 : i) % MESSAGES.length] ?? "";
    lines.push(`${time} pi ${message.replace("%", `${i % 7 === 6 ? i - 1 : i}`)}\n`);
  }
  return lines.join("");
}

const MESSAGES = [
  "systemd[1]: Started session-%.scope - Session % of User pi.",
  "CRON[%]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)",
  "kernel: [%.123456] usb 1-1.2: USB disconnect, device number 4",
  "wpa_supplicant[512]: wlan0: WPA: Group rekeying completed with 3c:a6:2f:00:00:00 [GTK=CCMP] %",
  "sshd[%]: Accepted publickey for pi from 192.168.1.10 port 52514 ssh2",
  "dhcpcd[601]: wlan0: part of Router Advertisement expired %",
  "photo-upload[733]: INFO uploaded /srv/photos/%.jpg in 1834 ms, queue 3",
  "rngd[411]: stats: entropy added: % bits",
  "systemd-timesyncd[333]: Timed out waiting for reply from 162.159.200.1:123 (2.debian.pool.ntp.org). %",
  "avahi-daemon[402]: Registering new address record for fe80::ba27:ebff:fe00:0 on wlan0.*. %",
  "systemd[1]: fstrim.service: Deactivated successfully. %",
];
