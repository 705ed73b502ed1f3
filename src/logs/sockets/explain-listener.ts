import { codeOf, inWords } from "../../io/system-errors.ts";
import type { Listen } from "./listener.ts";

/** Returns why an address of LOGS_LISTEN cannot be used, and what to type. */
export function explainListener(
  { protocol, host, port }: Listen,
  problem: unknown,
): { reason: string; remedy: string; isTaken?: boolean } {
  switch (codeOf(problem)) {
    case "EADDRINUSE":
      return {
        reason: `another program uses port ${port}`,
        remedy: `sudo ss -lp${protocol === "udp" ? "u" : "t"}n sport = :${port}`,
        isTaken: true,
      };
    case "EACCES":
      return {
        reason: `ports below 1024 belong to root, and ${port} is one`,
        remedy: `LOGS_LISTEN=${protocol}://${host}:${port + 5000}`,
      };
    case "EADDRNOTAVAIL":
      return { reason: `${host} is not an address of this machine`, remedy: "ip -brief address" };
    default:
      return { reason: inWords(problem), remedy: `LOGS_LISTEN=${protocol}://127.0.0.1:5514` };
  }
}
