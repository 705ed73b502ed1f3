import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chownSync, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreignOwner } from "../../src/storage/state-directory.ts";
import { startAgent } from "../helpers/agent.ts";

/** A user of the service; none of this machine needs to be called so. */
const USER = { uid: 64_123, gid: 64_124 };

let dir = "";
let state = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chouette-state-"));
  // Others may look through it, as through /var/lib.
  await chmod(dir, 0o755);
  state = join(dir, "state");
  await mkdir(state);
});
afterEach(() => rm(dir, { recursive: true }));

function give(path: string): void {
  chownSync(path, USER.uid, USER.gid);
}

/** What a command comes to, typed by root with this state directory. */
async function typed(...words: string[]) {
  const env = { API_KEY: "0123456789abcdef0123456789abcdef", HOME: dir, CHOUETTE_STATE_DIR: state };
  const agent = await startAgent(words, env);
  const { code, stderr } = await agent.ended;
  return { code, stderr };
}

describe("the owner of a state directory", () => {
  test("is not replaced when root owns it", () => {
    expect(foreignOwner(state)).toBeUndefined();
    expect(foreignOwner(join(state, "not/made/yet"))).toBeUndefined();
  });

  test("is its user, who also owns what will be made in it", () => {
    give(state);
    expect([foreignOwner(state), foreignOwner(join(state, "not/made/yet"))]).toEqual([USER, USER]);
  });

  test("is the user in whose directory it lies", async () => {
    await mkdir(join(state, "below"));
    give(state);
    expect(foreignOwner(join(state, "below"))).toEqual(USER);
  });

  test("is also found through a link", async () => {
    give(state);
    await mkdir(join(state, "below"));
    await symlink(join(state, "below"), join(dir, "link"));
    expect(foreignOwner(join(dir, "link"))).toEqual(USER);
  });
});

describe("root in a directory of the service's user", () => {
  test.each(["", "-wal", "-shm", "-journal", "-lock"])(
    "creates nothing where a link at chouette.db%s leads",
    async (suffix) => {
      give(state);
      const target = join(dir, "cron.d-evil");
      await symlink(target, join(state, `chouette.db${suffix}`));
      for (const command of ["flush", "inspect-queue"]) {
        const { code, stderr } = await typed(command);
        expect(code).toBe(1);
        expect(stderr).toContain(`${join(state, `chouette.db${suffix}`)} is a symbolic link`);
        expect(existsSync(target)).toBe(false);
      }
    },
  );

  test("does not change what a link leads to", async () => {
    give(state);
    const target = join(dir, "victim");
    await writeFile(target, "as it was\n");
    await symlink(target, join(state, "chouette.db"));
    expect((await typed("flush")).code).toBe(1);
    expect(await readFile(target, "utf8")).toBe("as it was\n");
  });

  test("works as that user, to whom the new files belong", async () => {
    give(state);
    const { stderr } = await typed("flush", "--timeout", "5");
    expect(stderr).toContain(`user ${USER.uid}`);
    const { uid, gid } = await stat(join(state, "chouette.db"));
    expect({ uid, gid }).toEqual(USER);
  });

  test("is refused as an agent, with the command to type", async () => {
    give(state);
    const { code, stderr } = await typed("run");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`belongs to user ${USER.uid}.*sudo -u '#${USER.uid}'.*chown -R root: ${state}`),
    );
    expect(existsSync(join(state, "chouette.db"))).toBe(false);
  });
});
