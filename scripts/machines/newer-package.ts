import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, debianSources, run } from "./debian-root.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Returns the folder in which a package of Debian 13 is unpacked, without what it depends on: `usr/bin/victoria-metrics` is in it.
 * apt gets a state of its own, so that this system stays as it is. The first call takes some 10 seconds.
 */
export function newerPackage(name: string): Promise<string> {
  return cached(`trixie-${name}`, async (path) => {
    const apt = `${path}.apt`;
    for (const folder of ["lists/partial", "cache/archives/partial", "parts"])
      mkdirSync(join(apt, folder), { recursive: true });
    writeFileSync(join(apt, "status"), "");
    writeFileSync(join(apt, "sources.list"), `${sourceOf("trixie")}\n`);
    const options = [
      ["Dir::State", apt],
      ["Dir::State::status", join(apt, "status")],
      ["Dir::Cache", join(apt, "cache")],
      ["Dir::Etc::sourcelist", join(apt, "sources.list")],
      ["Dir::Etc::sourceparts", join(apt, "parts")],
      ["Dir::Etc::preferencesparts", join(apt, "parts")],
      ["APT::Sandbox::User", "root"],
    ].map(([key, value]) => `-o${key}=${value}`);
    await run(["apt-get", ...options, "-qq", "update"]);
    await run(["env", "-C", apt, "apt-get", ...options, "-qq", "download", name]);
    const [file = ""] = readdirSync(apt).filter((one) => one.endsWith(".deb"));
    await run(["dpkg", "-x", join(apt, file), path]);
  });
}

/** A line of sources.list: another release from the mirror of this machine's apt. */
function sourceOf(release: string): string {
  const [source] = debianSources();
  if (source === undefined) throw new Error("this machine's apt knows no mirror of Debian");
  return source.replace("deb ", `deb [signed-by=${KEYRING}] `).replace(" bookworm ", ` ${release} `);
}
