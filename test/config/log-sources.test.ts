import { describe, expect, test } from "bun:test";
import { plainSource } from "../../src/config/log-sources.ts";
import { ConfigError } from "../../src/errors.ts";
import { load } from "./load.ts";

const names = (env: Record<string, string>) => load(env).logFiles.map(({ what }) => what);

test("LOG_FILES takes a plain list, a JSON list of texts and JSON objects", () => {
  expect(names({ LOG_FILES: "/var/log/syslog,/var/log/nginx/*.log" })).toEqual([
    "/var/log/syslog",
    "/var/log/nginx/*.log",
  ]);
  expect(names({ LOG_FILES: '["/a.log","/b.log"]' })).toEqual(["/a.log", "/b.log"]);
  const text =
    '[{"path":"/var/log/app/*.log","service":"app","source":"python","tags":["a:b"],"multiline":"^\\\\d{4}-","level":"WARNING","lines_per_minute":60}]';
  expect(load({ LOG_FILES: text }).logFiles).toEqual([
    {
      ...plainSource("/var/log/app/*.log"),
      service: "app",
      source: "python",
      tags: ["a:b"],
      multiLine: "^\\d{4}-",
      level: "warn",
      linesPerMinute: 60,
    },
  ]);
});

test("a pattern keeps its backslashes although an environment file takes one of two away", () => {
  const [source] = load({ LOG_FILES: '[{"path":"/a","multiline":"^\\d{4}-"}]' }).logFiles;
  expect(source?.multiLine).toBe("^\\d{4}-");
});

test("JOURNALD_UNITS and LOGS_LISTEN take the same options", () => {
  const { journaldUnits, logsListen } = load({
    JOURNALD_UNITS: '["ssh",{"unit":"*","level":"error"}]',
    LOGS_LISTEN: "udp:5514,tcp://0.0.0.0:5514,udp://[::1]:514",
  });
  expect(journaldUnits.map(({ what, level }) => [what, level])).toEqual([
    ["ssh", undefined],
    ["*", "error"],
  ]);
  expect(logsListen.map(({ what }) => what)).toEqual(["udp:5514", "tcp://0.0.0.0:5514", "udp://[::1]:514"]);
});

describe("a mistake names the variable and what is wrong:", () => {
  test.each([
    ["LOG_FILES", "var/log/syslog", "not an absolute path"],
    ["LOG_FILES", '[{"path":"/a","srvice":"x"}]', "srvice is not known"],
    ["LOG_FILES", '[{"path":"/a","include":["(?=a)"]}]', "(?=a)"],
    ["LOG_FILES", '[{"path":"/a","level":"loud"}]', "level"],
    ["LOG_FILES", '[{"path":"/a"', "not JSON"],
    ["JOURNALD_UNITS", "a/b", "cannot be the name of a unit"],
    ["JOURNALD_UNITS", '[{"unit":"*","multiline":"a"}]', "multiline is not known"],
    ["LOGS_LISTEN", "5514", "udp:5514"],
    ["LOGS_LISTEN", "udp:70000", "udp:70000"],
    ["LOG_MASK", "(", "("],
    ["LOGS_LEVEL", "loud", "DEBUG"],
    ["LOGS_MAX_BYTES_PER_DAY", "-1", "bytes"],
  ])("%s=%s", (name, text, reason) => {
    const issues = () => {
      try {
        load({ [name]: text });
        return "";
      } catch (error) {
        return error instanceof ConfigError ? error.issues.join("\n") : String(error);
      }
    };
    expect(issues()).toStartWith(`${name}: `);
    expect(issues()).toContain(reason);
  });
});
