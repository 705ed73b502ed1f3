import type { DogstatsdPlaces } from "../config/dogstatsd-variables.ts";
import { listenDatagram } from "../dogstatsd/listen-datagram.ts";
import { listenStream } from "../dogstatsd/listen-stream.ts";
import { listenUdp, type UdpOptions } from "../dogstatsd/listen-udp.ts";
import type { Listener } from "../dogstatsd/listener.ts";
import type { Receive } from "../dogstatsd/receiver.ts";
import type { TrafficCounter } from "../dogstatsd/traffic.ts";
import { ConfigError, ListenError } from "../errors.ts";
import type { InheritedSockets } from "../io/inherited-sockets.ts";
import { keepOpen } from "./keep-open.ts";

export type Listeners = {
  /**
   * Opens what the configuration names and closes what it names no more; what stays the same stays open. Rejects with ListenError
   * when one that was chosen cannot be opened, with ConfigError when systemd did not pass it; calls `complain` for one that is there by default.
   */
  open(places: DogstatsdPlaces | undefined, complain: (why: string) => void): Promise<void>;
  all(): Listener[];
  close(): Promise<void>;
};

/** Bytes of receive buffer where nobody says otherwise: 5000 small packets. */
const BUFFER = 4 * 1024 * 1024;

type Wanted = { key: string; open(): Promise<Listener> | Listener; chosen: boolean };

export function createListeners(
  inherited: InheritedSockets,
  receive: Receive,
  counter: TrafficCounter,
): Listeners {
  const open = new Map<string, Listener>();
  const { udp, datagram: unix } = inherited;
  const keptUnix = unix === undefined ? undefined : keepOpen((take) => listenDatagram(unix, take), receive);
  const keptUdp =
    udp === undefined
      ? undefined
      : keepOpen((take, options: UdpOptions) => listenUdp({ ...options, descriptor: udp }, take), receive);

  /** The socket of systemd, unless another port was chosen. */
  const openUdp = async (options: UdpOptions, given: boolean): Promise<Listener> => {
    const passed = await keptUdp?.use(options);
    if (passed === undefined) return listenUdp(options, receive);
    if (!given || passed.port === options.port) return passed;
    await passed.close();
    return listenUdp(options, receive);
  };

  const wantedOf = ({ port, nonLocal, buffer, stream, datagram }: DogstatsdPlaces): Wanted[] => {
    const wanted: Wanted[] = [];
    if (keptUnix !== undefined) wanted.push({ key: "datagram", chosen: true, open: keptUnix.use });
    else if (datagram !== undefined)
      throw new ConfigError([
        `DOGSTATSD_SOCKET ${datagram}: a unix datagram socket is opened by systemd, which did not pass it: sudo systemctl enable --now chouette-dogstatsd.socket, then sudo systemctl restart chouette (without systemd: socat UNIX-RECV:${datagram} UDP-SENDTO:127.0.0.1:8125)`,
      ]);
    if (port !== undefined) {
      const options = { port: port.number, nonLocal, buffer: buffer ?? BUFFER };
      wanted.push({
        key: JSON.stringify(["udp", options, port.given]),
        chosen: port.given,
        open: () => openUdp(options, port.given),
      });
    }
    if (stream !== undefined)
      wanted.push({
        key: JSON.stringify(stream),
        chosen: true,
        open: () => listenStream(stream, receive, counter),
      });
    return wanted;
  };

  const closeOne = async (key: string, listener: Listener) => {
    open.delete(key);
    await listener.close();
  };

  return {
    all: () => [...open.values()],
    async close() {
      // First those of systemd, while what they still read is received.
      await keptUnix?.close();
      await keptUdp?.close();
      for (const [key, listener] of open) await closeOne(key, listener);
    },
    async open(places, complain) {
      const wanted = places === undefined ? [] : wantedOf(places);
      const keys = wanted.map(({ key }) => key);
      for (const [key, listener] of open) if (!keys.includes(key)) await closeOne(key, listener);
      for (const one of wanted) {
        if (open.has(one.key)) continue;
        try {
          open.set(one.key, await one.open());
        } catch (error) {
          if (one.chosen || !(error instanceof ListenError)) throw error;
          complain(error.message);
        }
      }
    },
  };
}
