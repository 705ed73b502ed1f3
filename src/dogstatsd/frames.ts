export type FrameSink = {
  packet(packet: Buffer): void;
  /** Called with what is wrong before `push` or `end` returns false. */
  malformed(what: string): void;
};

/** Cuts the bytes of one connection into packets. */
export type Frames = {
  /** Takes the next bytes; returns false when the connection is to be closed. */
  push(chunk: Buffer): boolean;
  /** Takes the end of the connection. */
  end(): void;
  /** Bytes of a packet that is not complete yet. */
  pending(): number;
};

/** Most bytes of a packet, as of a datagram. */
const MOST = 65_536;

const HEADER = 4;

/**
 * A stream is either frames, each a length (4 bytes, little-endian) and a packet, or lines: hot-shots sends lines where others send
 * frames. Four printable bytes, read as a length, are far more than a packet may have, so that the first bytes tell.
 */
export function createFrames({ packet, malformed }: FrameSink): Frames {
  let rest: Buffer = Buffer.alloc(0);
  let kind: "frames" | "lines" | undefined;

  const refuse = (what: string): false => {
    malformed(what);
    rest = Buffer.alloc(0);
    return false;
  };

  const takeFrames = (): boolean => {
    while (rest.length >= HEADER) {
      const length = rest.readUInt32LE(0);
      if (length > MOST) return refuse(`a frame of ${length} bytes`);
      if (rest.length < HEADER + length) break;
      if (length > 0) packet(rest.subarray(HEADER, HEADER + length));
      rest = rest.subarray(HEADER + length);
    }
    return true;
  };

  const takeLines = (): boolean => {
    const end = rest.lastIndexOf(0x0a);
    if (end > 0) packet(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
    return rest.length <= MOST || refuse(rest.toString("latin1", 0, 200));
  };

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (kind === undefined && rest.length >= HEADER)
        kind = rest.subarray(0, HEADER).every(isPrintable) ? "lines" : "frames";
      if (kind === undefined) return true;
      return kind === "lines" ? takeLines() : takeFrames();
    },
    end() {
      if (kind === "lines" && rest.length > 0) packet(rest);
      else if (rest.length > 0) malformed(`a frame that ends after ${rest.length} bytes`);
      rest = Buffer.alloc(0);
    },
    pending: () => rest.length,
  };
}

/** A printable character of ASCII, or a line break. */
function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d;
}
