import { expect, test } from "bun:test";
import { findAccount, groupsOf } from "../../src/io/passwd.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
broken line
+::::::
half:x:12
chouette:x:998:997::/var/lib/chouette:/usr/sbin/nologin
pi:x:1000:1000:,,,:/home/pi:/bin/bash
`;

test.each([
  ["chouette", { name: "chouette", uid: 998, gid: 997, home: "/var/lib/chouette" }],
  ["1000", { name: "pi", uid: 1000, gid: 1000, home: "/home/pi" }],
  ["nobody", undefined],
  ["half", undefined],
  ["+", undefined],
  ["", undefined],
])("account %j", (user, account) => {
  expect(findAccount(PASSWD, user)).toEqual(account);
});

test("groups are those with the user among their members", () => {
  const group = "root:x:0:\nvideo:x:44:pi,chouette\nchouette:x:997:\ndocker:x:990:chouette\nbroken\n";
  expect(groupsOf(group, "chouette")).toEqual(["video", "docker"]);
});
