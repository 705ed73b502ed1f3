import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import spdx from "spdx-license-list/full.js";
import type { Contents, Lock, Part, Runtime } from "./sbom.ts";

/**
 * THIRD-PARTY-NOTICES.txt: what the executables contain of others, with the texts of the licences: of each package its own, of a
 * runtime what it says of itself and the licences of its parts. `licenseOf` gives the text of a package.
 */
export function thirdPartyNotices(
  lock: Lock,
  executables: readonly Contents[],
  licenseOf: (name: string) => string = licenseOfPackage,
): string {
  const packages = [...new Set(executables.flatMap(({ packages }) => [...packages]))].sort();
  const runtimes = new Map(executables.map(({ runtime }) => [runtime.purl, runtime]));
  const targets = executables.map(({ target }) => `chouette-${target}`).join(", ");
  return [
    `Third-party software in Chouette (${targets})\n\nChouette itself is under the Apache License 2.0.`,
    ...[...runtimes.values()].map((runtime) =>
      section(`${runtime.name} ${runtime.version} (${usersOf(runtime, executables)})`, [
        runtime.notice,
        table(runtime.parts),
      ]),
    ),
    ...packages.map((name) => {
      const { version, license } = lock.packages[`node_modules/${name}`] ?? {};
      return section(`${name} ${version} (${license})`, [licenseOf(name)]);
    }),
    ...licensesOf([...runtimes.values()]).map((id) => section(`Text of ${id}`, [textOf(id)])),
  ].join("\n\n");
}

/** The licence file of an installed package. Throws when there is none. */
function licenseOfPackage(name: string): string {
  const folder = join(import.meta.dir, "../../node_modules", name);
  const file = existsSync(folder)
    ? readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    : undefined;
  if (file === undefined) throw new Error(`the package ${name} has no licence file: its notice is not known`);
  return readFileSync(join(folder, file), "utf8");
}

function section(title: string, texts: readonly string[]): string {
  return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}

function usersOf(runtime: Runtime, executables: readonly Contents[]): string {
  const users = executables.filter((executable) => executable.runtime.purl === runtime.purl);
  return users.map(({ target }) => `chouette-${target}`).join(", ");
}

function table(parts: readonly Part[]): string {
  const rows = parts.map(({ name, license = "its own licence", url = "" }) =>
    [name.padEnd(32), license.padEnd(32), url].join(" ").trimEnd(),
  );
  return `It contains:\n\n${rows.map((row) => `  ${row}`).join("\n")}`;
}

/** The licences of parts, each once. */
function licensesOf(runtimes: readonly Runtime[]): string[] {
  const expressions = runtimes.flatMap(({ license, parts }) => [
    license,
    ...parts.map((part) => part.license ?? ""),
  ]);
  const ids = expressions.flatMap((text) => text.split(/ AND | OR | WITH /)).filter((id) => id !== "");
  return [...new Set(ids)].sort();
}

function textOf(id: string): string {
  const text = id === "LLVM-exception" ? LLVM_EXCEPTION : spdx[id]?.licenseText;
  if (text === undefined) throw new Error(`${id} is not an identifier of the SPDX licence list`);
  return text;
}

/** Not in the list, which has licences only; https://spdx.org/licenses/LLVM-exception.html */
const LLVM_EXCEPTION = `As an exception, if, as a result of your compiling your source code, portions of this Software are embedded into
an Object form of such source code, you may redistribute such embedded portions in such Object form without complying with
the conditions of Sections 4(a), 4(b) and 4(d) of the License.

In addition, if you combine or link compiled forms of this Software with software that is licensed under the GPLv2 ("Combined
Software") and if a court of competent jurisdiction determines that the patent provision (Section 3), the indemnity
provision (Section 9) or other Section of the License conflicts with the conditions of the GPLv2, you may retroactively and
prospectively choose to deem waived or otherwise exclude such Section(s) of the License, but only in their entirety and only
with respect to the Combined Software.`;
