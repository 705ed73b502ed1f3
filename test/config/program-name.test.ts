import { expect, test } from "bun:test";
import fc from "fast-check";
import { programName } from "../../src/config/program-name.ts";

test.each([
  ["df -h /", "df"],
  ["/etc/chouette/photos.sh /var/spool", "/etc/chouette/photos.sh"],
  ["DB_PASSWORD=hunter2 sh /etc/x.sh", "sh"],
  ['A=1 B=\'two words\' C="three \\" words" D=a\\ b curl -u me:pw', "curl"],
  ["A=$HOME/x /usr/bin/env", "/usr/bin/env"],
  ["'/opt/my tools/run' now", "/opt/my tools/run"],
  ["uptime;echo", "uptime"],
  ["echo|cat", "echo"],
  ["A=hunter2", "command"],
  ["A=$(decrypt hunter2) sh", "command"],
  ["A=`decrypt hunter2` sh", "command"],
  ["A='never closed hunter2 sh", "command"],
  ["A=hunter2;sh", "command"],
  ["$(hunter2) x", "command"],
  ["(A=hunter2 sh)", "command"],
  ["", "command"],
])("the command %s is called %s", (command, name) => {
  expect(programName(command)).toBe(name);
});

test("the name of a program never has the value of a variable, however that is quoted", () => {
  const secret = fc.stringMatching(/^[a-z ]{3,9}$/).map((text) => `hunter2${text}hunter2`);
  const quotes = fc.constantFrom(
    (text: string) => `'${text}'`,
    (text: string) => `"${text}"`,
    (text: string) => text.replaceAll(" ", "\\ "),
    (text: string) => `"$(echo '${text}')"`,
    (text: string) => `$(echo ${text})`,
    (text: string) => `x'${text}'"${text}"`,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(secret, quotes), { minLength: 1, maxLength: 3 }), (values) => {
      const assignments = values.map(([text, quote], at) => `V${at}=${quote(text)}`).join(" ");
      expect(programName(`${assignments} sh -c 'x'`)).not.toContain("hunter2");
    }),
  );
});
