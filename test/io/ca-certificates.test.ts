import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { readCertificates, systemCertificates } from "../../src/io/ca-certificates.ts";
import { trustedAuthorities } from "../../src/io/trusted-authorities.ts";

const [first = "", second = ""] = rootCertificates;
let folder: string;
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const problem = (path: string) => {
  try {
    readCertificates(path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chouette-ca-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a PEM file", () => {
  test("returns its certificates, whatever is between them", () => {
    const text = `\ufeff# My company\r\n${first}\r\nnotes\n${second.replaceAll("\n", "\r\n")}`;
    expect(readCertificates(file("good.pem", text)).map((pem) => pem.replaceAll("\r", ""))).toEqual([
      first.trim(),
      second.trim(),
    ]);
  });

  test("that is missing, empty, garbage or a directory is an error with the reason", () => {
    expect(problem(join(folder, "missing.pem"))).toMatch(/no such file/);
    expect(problem(folder)).toMatch(/directory/);
    expect(problem(file("empty.pem", ""))).toMatch(/no certificate in PEM form/);
    expect(
      problem(file("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
    ).toMatch(/no certificate in PEM form/);
  });

  test("in DER form is an error with the command that converts it", () => {
    const der = Buffer.from(first.replace(/-----[A-Z ]+-----/g, ""), "base64");
    const path = file("authority.crt", der);
    expect(problem(path)).toContain(`openssl x509 -inform der -in ${path}`);
  });

  test.each([
    ["cut off", first.replace(/\n[^\n]+\n-----END/, "\n-----END")],
    ["not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
  ])("with a certificate that is %s is an error with its place in the file", (_, damaged) => {
    expect(problem(file("damaged.pem", `${second}\n${damaged}`))).toMatch(/certificate 2 .*damaged/);
  });
});

test("the system's authorities are those of the first store that there is, or none", () => {
  const store = file("store.pem", `${first}\n${second}`);
  expect(systemCertificates([join(folder, "missing.pem"), store])).toHaveLength(2);
  expect(systemCertificates([join(folder, "missing.pem")])).toEqual([]);
});

test("trusted are the built-in authorities, those of the files and those of the system, each once", () => {
  const known = file("known.pem", first);
  const without = trustedAuthorities([]);
  expect(without.slice(0, rootCertificates.length)).toEqual([...rootCertificates]);
  expect(new Set(without.map((text) => text.replace(/\s/g, ""))).size).toBe(without.length);
  expect(trustedAuthorities([known, join(folder, "missing.pem")])).toHaveLength(without.length);
});
