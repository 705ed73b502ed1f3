import { describe, expect, test } from "bun:test";
import { parseHeader, parseSyslog } from "../../../src/logs/text/syslog.ts";

const NOW = Date.parse("2026-10-11T22:20:00Z") / 1000;

describe("a message of syslog", () => {
  test.each([
    [
      "RFC 5424 with structured data",
      '<165>1 2026-10-11T22:14:15.003Z pi sshd 812 ID47 [ex@32473 a="b\\"]" c="d"][x@1 y="]"] Failed password',
      {
        at: 1791756855.003,
        host: "pi",
        service: "sshd",
        pid: "812",
        status: "notice",
        message: "Failed password",
      },
    ],
    [
      "RFC 5424 without anything, as logger sends it with a byte order mark",
      "<14>1 - - - - - - \uFEFFhello",
      { at: NOW, status: "info", message: "hello" },
    ],
    [
      "RFC 3164",
      "<34>Oct 11 22:14:15 pi su[230]: 'su root' failed",
      {
        at: 1791756855,
        host: "pi",
        service: "su",
        pid: "230",
        status: "critical",
        message: "'su root' failed",
      },
    ],
    [
      "RFC 3164 without a host, as a router sends it",
      "<30>Oct 11 22:14:15 dnsmasq[1]: started",
      { at: 1791756855, service: "dnsmasq", pid: "1", status: "info", message: "started" },
    ],
    ["a priority and nothing else", "<11>oops", { at: NOW, status: "error", message: "oops" }],
  ])("of %s loses its header", (_, text, expected) => {
    const parsed = parseSyslog(text, NOW);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual({ json: false, ...expected });
  });

  test("with a priority over 191 is none", () => {
    expect(parseSyslog("<192>a", NOW)).toBeUndefined();
  });
});

test("a line of Debian's /var/log/syslog loses its header", () => {
  const line = "2026-10-11T22:14:15.003015+00:00 pi systemd[1]: Started cron.service.";
  expect(JSON.parse(JSON.stringify(parseHeader(line, NOW)))).toEqual({
    json: false,
    at: 1791756855.003015,
    host: "pi",
    service: "systemd",
    pid: "1",
    message: "Started cron.service.",
  });
  expect(parseHeader("2026-10-11 something else", NOW)).toBeUndefined();
});

test("a time without a year is in the year that is nearest", () => {
  const newYear = Date.parse("2026-01-01T00:00:10Z") / 1000;
  expect(parseHeader("Dec 31 23:59:59 pi a: b", newYear)?.at).toBe(Date.parse("2025-12-31T23:59:59Z") / 1000);
});
