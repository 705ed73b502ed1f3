import { type AfterOutage, afterOutage, type Outage } from "../servers/outage.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";

/** Three days offline: 345,600 points. */
const DAYS = { seconds: 3 * 86_400, series: 40, releases: 7, factor: 10 } as const;

/** Of 50 requests one is cut off in its middle, one is swallowed, and the answer of one gets lost. */
const fault: Outage["fault"] = (request) =>
  (({ 1: "reset", 5: "lost answer", 9: "stall" }) as const)[request % 50];

const LINKS: Readonly<Record<string, Pick<Outage, "bytesPerSecond" | "largestPacket" | "fault">>> = {
  "1 kB/s": { bytesPerSecond: 1000 },
  "4 kB/s": { bytesPerSecond: 4000 },
  "16 kB/s": { bytesPerSecond: 16_000 },
  "4 kB/s, 3 of 50 requests lost": { bytesPerSecond: 4000, fault },
  "16 kB/s, packets over 1400 bytes vanish": { bytesPerSecond: 16_000, largestPacket: 1400 },
};

const measurements: Measurement[] = [];
for (const [name, link] of Object.entries(LINKS))
  measurements.push(...figures(name, await afterOutage({ ...DAYS, ...link })));
printMeasurements(measurements);

function figures(link: string, { releases, sent, arrived, conflicts }: AfterOutage): Measurement[] {
  const [first] = releases;
  const deliveredBy = releases.map(({ delivered }) => delivered);
  const row = (what: string, chouette: string, aim: string) => ({
    what: `${link}: ${what}`,
    chouette,
    beside: "",
    aim,
  });
  return [
    row("live points missing after the first release", `${first?.liveMissing}`, "0"),
    row("live points missing after the second", `${releases[1]?.liveMissing}`, "0"),
    row("age of the newest point at the end of each release", ages(releases), "< 120 s"),
    row(
      "points sent in vain or twice",
      `${((100 * (sent - arrived)) / Math.max(1, arrived)).toFixed(2)} %`,
      "< 5 %",
    ),
    row("points changed", `${conflicts}`, "0"),
    row("points by release", deliveredBy.join(" "), ""),
  ];
}

function ages(releases: AfterOutage["releases"]): string {
  return releases.map(({ newestAge }) => (newestAge < 86_400 ? newestAge.toFixed(0) : "none")).join(" ");
}
