import * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { statusOfWord } from "../logs/text/status.ts";
import { parseListen } from "./listen.ts";
import { logSourcesSchema, patternsSchema } from "./log-sources.ts";
import { numberSchema, parsedSchema, type Variables } from "./variable.ts";

/** Where logs of the device come from, and how much of them is sent. */
export const logsVariables = {
  logFiles: {
    names: ["LOG_FILES"],
    default: "[]",
    meaning: "Files whose lines are sent as logs: paths, globs, or JSON objects that describe them.",
    expects:
      'a list of absolute paths: /var/log/syslog,/var/log/nginx/*.log or [{"path":"/var/log/app/*.log","service":"app"}]',
    schema: logSourcesSchema("path", (path) => {
      if (!path.startsWith("/")) throw new InvalidValue(`${path} is not an absolute path`);
    }),
  },
  journaldUnits: {
    names: ["JOURNALD_UNITS"],
    default: "[]",
    meaning:
      "Units of systemd whose journal is sent as logs: names, globs, `*` for everything, or JSON objects that describe them.",
    expects: 'a list of units: ssh,docker-* or [{"unit":"*","level":"warn"}]',
    schema: logSourcesSchema("unit", (unit) => {
      if (!/^[\w@:.*?\\-]+$/.test(unit)) throw new InvalidValue(`${unit} cannot be the name of a unit`);
    }),
  },
  logsListen: {
    names: ["LOGS_LISTEN"],
    default: "[]",
    meaning:
      "Addresses at which syslog, JSON lines and plain text are taken as logs; loopback where only a port is given.",
    expects: 'a list of addresses: udp:5514,tcp://0.0.0.0:5514 or [{"listen":"udp:5514","service":"router"}]',
    schema: logSourcesSchema("listen", (address) => void parseListen(address)),
  },
  logMask: {
    names: ["LOG_MASK"],
    default: "[]",
    meaning:
      "Patterns (RE2) of what is replaced by `***` in logs of files, the journal and sockets, besides the built-in ones.",
    expects: 'a list of patterns as JSON: ["customer=\\\\w+"]',
    schema: patternsSchema(),
  },
  logsLevel: {
    names: ["LOGS_LEVEL"],
    default: "DEBUG",
    meaning: "Logs of files, the journal and sockets that are sent: this level and those above it.",
    expects: "one of DEBUG, INFO, NOTICE, WARN, ERROR, CRITICAL, ALERT, EMERGENCY",
    schema: parsedSchema((word) => {
      const status = statusOfWord(word);
      if (status === undefined) throw new InvalidValue();
      return status;
    }),
  },
  logsMaxBytesPerDay: {
    names: ["LOGS_MAX_BYTES_PER_DAY"],
    default: "0",
    meaning:
      "Bytes of logs (before compression) that a day may queue; from half of it on DEBUG is left out, then INFO, then warnings. 0: no limit.",
    expects: "a number of bytes, such as 50000000; 0 for no limit",
    schema: v.pipe(numberSchema(0, Number.MAX_SAFE_INTEGER), v.integer()),
  },
} as const satisfies Variables;
