import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseUnit } from "../../src/service/unit.ts";

/** `systemctl show chouette.service` of systemd 252, for a unit with every kind of line. */
const SHOWN = String.raw`ExecStart={ path=/usr/local/bin/chouette ; argv[]=/usr/local/bin/chouette run --env-file /etc/chouette/chouette.env ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
Environment=A=1 "B=two words" "C=[\"x\",\"y\"]" "D=\$HOME\\x" E=e=f "Q=say \"hi\" \`x\`"
EnvironmentFiles=/etc/default/chouette (ignore_errors=yes)
EnvironmentFiles=/etc/o.env (ignore_errors=no)
User=chouette
Group=
SupplementaryGroups=video disk
StateDirectory=chouette other
LoadState=loaded
`;

test("what systemctl shows", () => {
  expect(parseUnit(SHOWN)).toEqual({
    user: "chouette",
    group: "",
    supplementaryGroups: ["video", "disk"],
    env: {
      STATE_DIRECTORY: "/var/lib/chouette",
      A: "1",
      B: "two words",
      C: '["x","y"]',
      D: "$HOME\\x",
      E: "e=f",
      Q: 'say "hi" `x`',
    },
    environmentFiles: [
      { path: "/etc/default/chouette", optional: true },
      { path: "/etc/o.env", optional: false },
    ],
    envFile: "/etc/chouette/chouette.env",
  });
});

test("a unit without settings, with its ExecStart", () => {
  const shown = "ExecStart={ path=/bin/chouette ; argv[]=/bin/chouette run ; ignore_errors=no ; pid=0 }";
  expect(parseUnit(`LoadState=loaded\nUser=\nEnvironment=\nStateDirectory=\n${shown}\n`)).toEqual({
    user: "",
    group: "",
    supplementaryGroups: [],
    env: {},
    environmentFiles: [],
    envFile: undefined,
  });
});

describe("without a unit", () => {
  test.each(["", "Environment=\nUser=\nLoadState=not-found\n", "LoadState=masked\n", "what is this"])(
    "%j",
    (shown) => {
      expect(parseUnit(shown)).toBeUndefined();
    },
  );
});

const environmentOf = (shown: string) => parseUnit(`LoadState=loaded\nEnvironment=${shown}`)?.env;
const value = fc
  .string({ unit: "grapheme" })
  .filter((text) => !/[\p{Cc}\p{Zs}]/u.test(text.replaceAll(" ", "")));

test("any value comes back from double quotes, as newer systemd writes it", () => {
  fc.assert(
    fc.property(value, (text) => {
      expect(environmentOf(`"A=${text.replace(/["\\`$]/g, "\\$&")}" B=1`)).toEqual({ A: text, B: "1" });
    }),
  );
});

test("any value comes back from escaped bytes, as systemd 237 writes it", () => {
  const escaped = (text: string) =>
    [...Buffer.from(text)]
      .map((byte) =>
        byte <= 0x20 || byte >= 0x7f || byte === 0x5c
          ? `\\x${byte.toString(16).padStart(2, "0")}`
          : String.fromCharCode(byte),
      )
      .join("");
  fc.assert(
    fc.property(value, (text) => {
      expect(environmentOf(`A=${escaped(text)} B=1`)).toEqual({ A: text, B: "1" });
    }),
  );
});
