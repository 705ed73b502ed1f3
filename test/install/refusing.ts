import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cached, run } from "../../scripts/machines/debian-root.ts";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { type ExecResult, type Machine, startMachine } from "../helpers/nspawn.ts";
import { PRELUDE, type Refusal } from "./refusals.ts";
import { type ReleaseServer, startReleaseServer } from "./release-server.ts";
import { makeReleases, type Releases } from "./releases.ts";

const CERTIFICATES = join(import.meta.dir, "../io/certificates");

/** Tests of what install.sh says in each of these cases, under that shell, and that it leaves nothing; gives what runs it there. */
export function testRefusals(
  shell: string,
  refusals: readonly Refusal[],
): (refusal: Partial<Refusal>) => Promise<ExecResult> {
  let releases: Releases;
  let server: ReleaseServer;
  let tls: IntakeServer;
  let machine: Machine;
  let before: string;
  beforeAll(async () => {
    server = await startReleaseServer();
    releases = makeReleases(server.url);
    const agent = (version: string) => `#!/bin/sh\necho ${version}\n${"#".repeat(2 ** 21)}`;
    const html = "<!DOCTYPE html><p>Welcome to our café!";
    const folders = {
      "1.0.0": releases.add("1.0.0", agent("1.0.0")),
      "2.0.0": releases.add("2.0.0", agent("2.0.0"), { "!VERSION": html }),
      "2.1.0": releases.add("2.1.0", agent("2.1.0"), { "!chouette-linux-x64.gz": html }),
      "2.2.0": releases.add("2.2.0", agent("2.2.0"), { "!VERSION": "newest\n" }),
      "2.3.0": releases.add("2.3.1", agent("2.3.1")),
      "2.4.0": releases.add("2.4.0", agent("2.4.0"), { "!chouette-linux-x64.gz": "damaged" }),
      "2.5.0": releases.add("2.5.0", agent("2.5.0"), { "!chouette.service": "[Service]\nExecStart=/evil\n" }),
      "2.6.0": releases.add("2.6.0", agent("2.6.0"), { "!SHA256SUMS": "0 chouette-linux-x64.gz\n" }),
      "2.7.0": releases.add("2.7.0", undefined),
      "2.8.0": releases.add("2.8.0", "#!/bin/sh\necho no\nexit 3\n"),
      "2.9.0": releases.add("2.9.0", "#!/bin/sh\nkill -ILL $$\n"),
      "2.9.1": releases.add("2.9.1", agent("2.9.1"), { "!VERSION": "2.9.1\n".repeat(2 ** 19) }),
      "2.9.2": releases.add("2.9.2", agent("2.9.2"), { "!VERSION": `2.9.2${" ".repeat(200)}\n` }),
      "2.9.3": releases.add(
        "2.9.3",
        '#!/bin/sh\nprintf "\\033[2J\\302\\233H\\342\\200\\256evil\\n"\nexit 3\n',
      ),
      "2.9.4": releases.add("2.9.4", agent("2.9.4"), {
        "install.sh": `#!/bin/sh\nPUBLIC_KEY='${"A".repeat(124)}'\n`,
      }),
    };
    for (const [version, folder] of Object.entries(folders)) server.folders.set(version, folder);
    server.latest = "1.0.0";
    server.statuses.set("4.0.3", 403).set("5.0.0", 500);
    const pem = (name: string) => readFileSync(join(CERTIFICATES, name), "utf8");
    tls = await startIntake({ tls: { key: pem("server-key.pem"), cert: pem("server.pem") } });
    machine = await startMachine({ binds: { "/opt/1.0.0": folders["1.0.0"], "/opt/wget": await gnuWget() } });
    await machine.write("/opt/install.sh", releases.installer(server.url));
    await machine.copyIn(join(import.meta.dir, "../../install.sh"), "/opt/tree.sh");
    before = await filesOf(machine);
  });
  afterAll(async () => {
    await machine.stop();
    await tls.stop();
    await server.stop();
    releases[Symbol.dispose]();
  });

  afterEach(() => machine.exec(["dash", "/opt/install.sh", "--uninstall", "--purge"]));

  test.each(refusals.map((refusal) => [refusal.name, refusal] as const))("%s", async (_name, refusal) => {
    const { code, stderr } = await install(refusal);
    const [first = "", ...rest] = stderr.split("\n");
    expect([code, first, rest[0]]).toEqual([1, expect.stringMatching(/^install\.sh: /), "Next:"]);
    expect(first).toContain(refusal.says);
    expect(rest.slice(1).join("\n")).toContain(refusal.next.replaceAll("sudo ", ""));
    await machine.exec(["userdel", "chouette"]);
    expect(await filesOf(machine)).toBe(before);
  });

  /** In a mount namespace of its own, which takes along what was put into the machine's way. */
  const install = async ({ on = "", words = "" }: Partial<Refusal>) => {
    const script = `${PRELUDE}
AS= shell='${shell}' installer=/opt/install.sh
set -- ${words}
${on}
$AS $shell "$installer" "$@"`;
    const isolated = ["unshare", "--mount", "bash", "-c", script];
    return machine.exec(isolated, { env: { TLS: tls.url } });
  };
  return install;
}

/** Debian's, which a minimal system does not have; unpacked, not installed. */
async function gnuWget(): Promise<string> {
  const root = await cached("wget-x64", (path) =>
    run(["mmdebstrap", "--quiet", "--variant=extract", "--include=wget", "bookworm", path]),
  );
  return join(root, "usr/bin/wget");
}

/** Every path and its size, but for what changes by itself. */
async function filesOf(machine: Machine): Promise<string> {
  const pruned = ["proc", "sys", "dev", "run", "tmp", "var/log", "var/lib/systemd"];
  const prune = pruned.map((name) => `-path /${name}`).join(" -o ");
  const find = `find / -xdev \\( ${prune} \\) -prune -o -not -name '*-' -not -name .pwd.lock -type f -printf '%p %s\\n' | sort`;
  return (await machine.exec(["sh", "-c", find])).stdout;
}
