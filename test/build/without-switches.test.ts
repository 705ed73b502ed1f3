import { expect, test } from "bun:test";
import { BUN_SWITCHES, withoutSwitches } from "../../scripts/build/without-switches.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

test("the runtime asks for a variable that nobody can set, and everything else stays as it was", () => {
  const executable = bytes("\x7fELF\0BUN_OPTIONS\0MY_BUN_OPTIONS\0\xff");
  expect(Buffer.from(withoutSwitches(executable, ["BUN_OPTIONS"])).toString("latin1")).toBe(
    "\x7fELF\0=UN_OPTIONS\0MY_BUN_OPTIONS\0\xff",
  );
  expect(executable).toEqual(bytes("\x7fELF\0BUN_OPTIONS\0MY_BUN_OPTIONS\0\xff"));
});

test("a runtime that has the name nowhere or twice is refused", () => {
  expect(() => withoutSwitches(bytes("\0A\0"), ["B"])).toThrow("the name B nowhere");
  expect(() => withoutSwitches(bytes("\0B\0\0B\0"), ["B"])).toThrow("the name B twice");
});

test("the installed Bun without its switches neither preloads code nor serves as Bun", async () => {
  const folder = (await Bun.$`mktemp -d`.text()).trim();
  try {
    const runtime = await Bun.file("node_modules/bun/bin/bun.exe").bytes();
    await Bun.write(`${folder}/bun`, withoutSwitches(runtime, BUN_SWITCHES));
    await Bun.$`chmod +x ${folder}/bun`;
    await Bun.write(`${folder}/evil.js`, 'console.log("preloaded");');
    await Bun.write(`${folder}/own.js`, 'console.log("own");');
    const compile = { executablePath: `${folder}/bun`, outfile: `${folder}/program` };
    await Bun.build({ entrypoints: [`${folder}/own.js`], compile });
    const env = { BUN_OPTIONS: `--preload ${folder}/evil.js`, BUN_BE_BUN: "1" };
    expect(await Bun.$`${folder}/program --version`.env(env).text()).toBe("own\n");
  } finally {
    await Bun.$`rm -r ${folder}`;
  }
});
