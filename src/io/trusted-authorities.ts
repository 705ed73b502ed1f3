import { rootCertificates } from "node:tls";
import type { RedisAddress } from "../redis/address.ts";
import { readCertificates, systemCertificates } from "./ca-certificates.ts";

/**
 * Returns the certificates of all trusted authorities in PEM form: those built into the runtime, those of the given files and
 * those of the system. A file that has become unreadable since the configuration was checked costs only itself.
 */
export function trustedAuthorities(files: readonly string[]): string[] {
  const own = files.flatMap((path) => {
    try {
      return readCertificates(path);
    } catch {
      return [];
    }
  });
  // Most of the system's authorities are built in as well; each costs 10 kB of memory.
  const seen = new Set<string>();
  return [...rootCertificates, ...own, ...systemCertificates()].filter((text) => {
    const key = text.replace(/\s+/g, "");
    return !seen.has(key) && seen.add(key);
  });
}

/** Returns the address with the authorities that its TLS trusts. */
export function withAuthorities(address: RedisAddress): RedisAddress {
  return { ...address, authorities: trustedAuthorities(address.caFiles ?? []) };
}
