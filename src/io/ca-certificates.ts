import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inWords } from "./system-errors.ts";

/** Bytes of a file that are read; Debian's bundle of all authorities has 0.2 MB. */
const LIMIT = 4_000_000;

/** Files of the authorities that distributions trust: Debian and Ubuntu, Fedora, Alpine. */
const SYSTEM_STORES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/**
 * Reads the certificates of a PEM file, each as its PEM text. Throws an Error with the reason: the file cannot be read, or
 * contains no certificate or a damaged one.
 */
export function readCertificates(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readBounded(path);
  } catch (error) {
    throw new Error(inWords(error), { cause: error });
  }
  const certificates = bytes.toString("latin1").match(BLOCK) ?? [];
  if (certificates.length === 0)
    throw new Error(
      isDer(bytes)
        ? `it is in DER form; convert it: openssl x509 -inform der -in ${path} -out ${path}.pem`
        : "it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
    );
  const damaged = certificates.findIndex((text) => !isDer(Buffer.from(text.replace(FRAME, ""), "base64")));
  if (damaged !== -1) throw new Error(`certificate ${damaged + 1} in it is damaged`);
  return certificates;
}

/** Reads the authorities that the system trusts; none where it has no store. */
export function systemCertificates(stores: readonly string[] = SYSTEM_STORES): string[] {
  for (const path of stores) {
    try {
      return readCertificates(path);
    } catch {
      // The next one.
    }
  }
  return [];
}

const FRAME = /-----[A-Z ]+-----/g;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** An X.509 certificate is one SEQUENCE (0x30) with its length in two bytes (0x82), and nothing after it. */
function isDer(bytes: Buffer): boolean {
  return bytes.length > 4 && bytes.readUInt16BE(0) === 0x3082 && bytes.readUInt16BE(2) + 4 === bytes.length;
}

function readBounded(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).isDirectory())
      throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
    const buffer = Buffer.alloc(Math.min(LIMIT, Math.max(1, fstatSync(file).size)));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
