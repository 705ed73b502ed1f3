/**
 * A day of /var/log/syslog of a Raspberry Pi, made up: nobody's day was captured. The lines are as the programs of Raspberry Pi OS
 * (Debian 12) write them, as often as they do on a device with one application, two logins a day and one bad power supply.
 */
export function piDay(end: Date): string {
  const lines: { at: number; text: string }[] = [];
  const start = end.getTime() - DAY * 1000;
  let pid = 1200;
  let seed = 1;
  const random = (most: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * most);
  };
  const add = (second: number, ...texts: string[]) => {
    for (const text of texts)
      lines.push({ at: start + second * 1000 + random(900), text: text.replaceAll("PID", `${pid}`) });
  };
  const every = (seconds: number, write: (second: number) => void) => {
    for (let second = random(seconds); second < DAY; second += seconds) {
      pid += 1 + random(9);
      write(second);
    }
  };

  every(3600, (at) =>
    add(at, ...CRON, "CRON[PID]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)", CRON_END),
  );
  every(600, (at) =>
    add(at, ...CRON, "CRON[PID]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)", CRON_END),
  );
  every(3600, (at) =>
    add(at, "wpa_supplicant[512]: wlan0: WPA: Group rekeying completed with 3c:a6:2f:1b:44:0e [GTK=CCMP]"),
  );
  every(1800, (at) => add(at, "dhcpcd[601]: wlan0: Router Advertisement from fe80::3ea6:2fff:fe1b:440e"));
  every(43_200, (at) =>
    add(
      at,
      "dhcpcd[601]: wlan0: rebinding lease of 192.168.1.23",
      "dhcpcd[601]: wlan0: leased 192.168.1.23 for 86400 seconds",
    ),
  );
  every(21_600, (at) =>
    add(
      at,
      ...TIMERS.flatMap((unit) => [
        `systemd[1]: Starting ${unit}...`,
        `systemd[1]: ${unit.split(" ")[0]}: Deactivated successfully.`,
        `systemd[1]: Finished ${unit}.`,
      ]),
    ),
  );
  every(43_200, (at) => add(at, ...login(random(60_000))));
  every(60, (at) =>
    add(
      at,
      `photo-upload[733]: INFO uploaded /srv/photos/${at}.jpg (${900 + random(900)} kB) in ${1000 + random(900)} ms, queue ${random(4)}`,
    ),
  );
  every(7200, (at) => {
    add(
      at,
      "kernel: [UP] hwmon hwmon1: Undervoltage detected!".replace("UP", `${at}.${100_000 + random(900_000)}`),
    );
    add(
      at + 4,
      "kernel: [UP] hwmon hwmon1: Voltage normalised".replace("UP", `${at + 4}.${100_000 + random(900_000)}`),
    );
  });
  // A camera that is unplugged for an hour: the application writes the same line every two seconds.
  for (let second = 50_000; second < 53_600; second += 2)
    add(second, "photo-upload[733]: WARNING camera does not answer, trying again");
  return lines
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `${new Date(at).toISOString().replace("Z", "123+00:00")} raspberrypi ${text}\n`)
    .join("");
}

const DAY = 86_400;

const CRON = ["CRON[PID]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"];
const CRON_END = "CRON[PID]: pam_unix(cron:session): session closed for user root";

const TIMERS = [
  "apt-daily.service - Daily apt download activities",
  "dpkg-db-backup.service - Daily dpkg database backup service",
  "logrotate.service - Rotate log files",
  "man-db.service - Daily man-db regeneration",
];

function login(port: number): string[] {
  return [
    `sshd[PID]: Accepted publickey for pi from 192.168.1.10 port ${port} ssh2: ED25519 SHA256:uW0Z4mXKq1m3k2XgY9j3o8Qm1cQm0mE5b6i7aB8cD9e`,
    "sshd[PID]: pam_unix(sshd:session): session opened for user pi(uid=1000) by (uid=0)",
    "systemd-logind[421]: New session PID of user pi.",
    "systemd[1]: Started session-PID.scope - Session PID of User pi.",
    "sshd[PID]: Received disconnect from 192.168.1.10 port 52514:11: disconnected by user",
    "sshd[PID]: pam_unix(sshd:session): session closed for user pi",
    "systemd-logind[421]: Session PID logged out. Waiting for processes to exit.",
  ];
}
