import { InvalidValue } from "../errors.ts";

/** An address to listen at. */
export type ListenAddress = { protocol: "udp" | "tcp"; host: string; port: number };

const ADDRESS = /^(udp|tcp):(?:\/\/)?(?:(\[[0-9a-fA-F:.]+\]|[\w.-]+):)?(\d{1,5})$/;

/** Parses `udp:5514`, `tcp://0.0.0.0:5514` or `udp://[::1]:5514`; the host is 127.0.0.1 where there is none. Throws InvalidValue. */
export function parseListen(text: string): ListenAddress {
  const [, protocol, host = "127.0.0.1", port] = ADDRESS.exec(text) ?? [];
  if ((protocol !== "udp" && protocol !== "tcp") || Number(port) > 65_535 || Number(port) === 0)
    throw new InvalidValue(`${text} is not an address such as udp:5514`);
  return { protocol, host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
