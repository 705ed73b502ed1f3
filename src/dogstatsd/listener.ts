/** A place at which applications send DogStatsD. */
export type Listener = {
  /** `UDP 127.0.0.1:8125`, `unix stream /run/chouette/dogstatsd.sock`. */
  where: string;
  /** Bytes of the receive buffer that the kernel granted; undefined where that does not matter. */
  buffer?: number;
  /** Packets that the kernel dropped since the start. */
  drops?(): number;
  close(): Promise<void>;
};
