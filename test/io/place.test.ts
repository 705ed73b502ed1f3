import { expect, test } from "bun:test";
import { thisPlace } from "../../src/io/place.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
chouette:x:998:997::/var/lib/chouette:/usr/sbin/nologin
`;

test("the user is the one of the process, whatever $USER says", () => {
  const before = process.env.USER;
  process.env.USER = "root";
  try {
    expect(thisPlace(998, PASSWD)).toMatchObject({ user: "chouette", uid: 998 });
  } finally {
    if (before === undefined) delete process.env.USER;
    else process.env.USER = before;
  }
});

test("a user without a line in /etc/passwd has no name", () => {
  expect(thisPlace(65532, PASSWD)).toMatchObject({ user: undefined, uid: 65532 });
});
