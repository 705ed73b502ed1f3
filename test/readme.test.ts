import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "../package.json";
import { BUN_SWITCHES } from "../scripts/build/without-switches.ts";
import { coreVariables } from "../src/config/config.ts";
import type { Variable } from "../src/config/variable.ts";
import { builtInPlugins } from "../src/start/built-in-plugins.ts";
import { parseCall } from "../src/start/call.ts";
import { ALL_QUEUES } from "../src/storage/storage.ts";
import { README_PATHS, readText, tableIn } from "./helpers/readmes.ts";

const ROOT = join(import.meta.dir, "..");

describe("the README", () => {
  test("has at most 200 lines", () => {
    expect(readText("README.md").split("\n").length).toBeLessThanOrEqual(201);
  });

  test("links every other README, directly or by one that it links", () => {
    const reached = new Set(["README.md"]);
    for (const path of reached)
      for (const file of linkedBy(path)) if (README_PATHS.includes(file)) reached.add(file);
    expect([...reached].sort()).toEqual([...README_PATHS].sort());
  });

  test("lists the plugins of the registry, each with a link to its README", () => {
    const names = tableIn("README.md", "Plugins").map(([name]) => name);
    const links = Object.keys(builtInPlugins).map((name) => `[${name}](src/plugins/${name}/README.md)`);
    expect(names.sort()).toEqual(links.sort());
  });

  test("has all four commands", () => {
    expect(new Set(tableIn("README.md", "Commands").map(([cell]) => cell))).toEqual(
      new Set(["`chouette status`", "`chouette test-plugins`", "`chouette flush`", "`chouette run`"]),
    );
  });
});

test.each([
  ["js", "src/plugins/own/README.md", "test/fixtures/own-plugins/thermometer.js"],
  ["sh", "src/plugins/own/README.md", "test/fixtures/own-plugins/photos.sh"],
  ["js", "src/aggregate/README.md", "test/fixtures/own-wrapper/extremes.js"],
])("the %s example in %s is %s", (language, readme, path) => {
  expect(readText(readme)).toContain(`\n\`\`\`${language}\n${readText(path)}\`\`\`\n`);
});

describe.each([...README_PATHS])("%s", (path) => {
  const readme = readText(path);

  test("names only variables that exist", () => {
    const tables = [coreVariables, ...Object.values(builtInPlugins).map(({ variables }) => variables)];
    const known = tables.flatMap((table) => Object.values<Variable>(table).flatMap(({ names }) => names));
    const named = [...readme.matchAll(/\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g)].map(([name]) => name);
    expect([...new Set(named)].filter((name) => ![...known, ...OTHERS].includes(name))).toEqual([]);
  });

  test("has only commands that can be typed", () => {
    const typed = readme.matchAll(/\bchouette ((?:run|flush|inspect-queue|status|test-plugins)\b[^\n`#]*)/g);
    let output = "";
    const write = (text: string) => {
      output += text;
    };
    const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
    for (const [, words = ""] of typed) {
      const argv = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      expect(parseCall(argv, version, known, { print: write, note: write })).toBeObject();
    }
    expect(output).toBe("");
  });

  test("points to files and headings that exist", () => {
    const files = [...linkedBy(path), ...pathsIn(readme)].filter((file) => !NOT_YET.test(file));
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    const headings = readme.matchAll(/\]\(([^):]*)#([\w-]+)\)/g);
    for (const [, file = "", heading = ""] of headings)
      expect(anchorsOf(file === "" ? path : join(dirname(path), file))).toContain(heading);
  });
});

test("the newest release in the changelog is this version", () => {
  expect(/^## (\d\S+)/m.exec(readText("CHANGELOG.md"))?.[1]).toBe(version);
});

/** Returns the files that a README links, below the root. */
function linkedBy(path: string): string[] {
  return [...readText(path).matchAll(/\]\(([^):#]+)(?:#[^)]*)?\)/g)].map(([, file = ""]) =>
    join(dirname(path), file),
  );
}

function pathsIn(readme: string): string[] {
  return [...readme.matchAll(/(?<![\w/.-])(?:src|test|scripts)\/[\w./-]*\w/g)].map(([path]) => path);
}

/** Returns the anchors that GitHub gives the headings of a README. */
function anchorsOf(path: string): string[] {
  return [...readText(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** An example, and what change-key.sh makes. */
const NOT_YET = /wifi|scripts\/release\/KEYS/;

/** What READMEs name besides Chouette's own variables: of other programs, of scripts and tests, and constants. */
const OTHERS: readonly string[] = [
  "UPDATE_EXPECTED",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  ...BUN_SWITCHES,
  "NODE_OPTIONS",
  "LD_PRELOAD",
  "DD_DOGSTATSD_URL",
  "DD_APP_KEY",
  "AF_INET",
  "SOCK_DGRAM",
  "CHOUETTE_SIGNING_KEY",
  "CHOUETTE_RELEASES_URL",
  "CHOUETTE_PUBLIC_KEY",
  "CHOUETTE_IMAGE",
  "CHOUETTE_ARMV7_RUNTIME",
  "LC_ALL",
  "GR3D_FREQ",
];
