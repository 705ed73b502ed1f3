import { expect, test } from "bun:test";
import { explainFile } from "../../../src/logs/files/explain-file.ts";

const denied = Object.assign(new Error("EACCES: permission denied, open '/srv/app.log'"), { code: "EACCES" });

test("a file that the service may not read is answered with the command for its user", () => {
  const { remedy } = explainFile("/srv/app.log", denied, { container: false, user: "chouette", uid: 998 });
  expect(remedy).toBe(
    "let the agent read it: sudo setfacl -m u:chouette:r /srv/app.log, or where its group is adm: sudo usermod -aG adm chouette && sudo systemctl restart chouette",
  );
});

test("a file that the user of a container may not read is answered with its number and group_add", () => {
  const { remedy } = explainFile("/srv/app.log", denied, { container: true, user: undefined, uid: 10_001 });
  expect(remedy).toContain("u:10001:r /srv/app.log");
  expect(remedy).toContain("group_add");
});
