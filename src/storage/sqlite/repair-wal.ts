import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";

const HEADER = 32;
const FRAME_HEADER = 24;

/** The magic number of a -wal file whose checksums read words with their lowest byte first; one more: highest byte first. */
const LITTLE_ENDIAN = 0x377f0682;

type Frame = { page: number; isCommit: boolean; at: number; isGood: boolean };

/**
 * Repairs a -wal file with a damaged frame in its middle. SQLite would end there, and drop every later commit without a word.
 * Each frame is a whole page and its checksum starts from that of the frame before, so that each can be judged by itself: the
 * good ones are written into the database, and the damaged ones are what a check of the database then finds. Returns how many
 * frames are damaged; 0 for a file that is as SQLite left it, which is not touched, also when its last commit is unfinished, and for one in use.
 * Format: https://sqlite.org/fileformat2.html#the_write_ahead_log
 */
export function repairWal(path: string): number {
  const wal = `${path}-wal`;
  if (!existsSync(wal) || statSync(wal).size <= HEADER) return 0;
  const file = openSync(wal, "r");
  try {
    const header = Buffer.alloc(HEADER);
    readSync(file, header, 0, HEADER, 0);
    const pageSize = header.readUInt32BE(8);
    const frames = [...readFrames(file, header, pageSize)];
    const end = frames.findLastIndex(({ isCommit, isGood }) => isCommit && isGood);
    const committed = frames.slice(0, end + 1);
    const damaged = committed.filter(({ isGood }) => !isGood).length;
    if (damaged === 0 || isInUse(path)) return 0;
    writePages(path, file, committed, pageSize);
    truncateSync(wal, 0);
    return damaged;
  } finally {
    closeSync(file);
  }
}

/** True when a process has the database open: it holds a lock on the -shm file (https://sqlite.org/walformat.html#wal_locks). */
function isInUse(path: string): boolean {
  if (!existsSync(`${path}-shm`)) return false;
  const { ino } = statSync(`${path}-shm`);
  return readFileSync("/proc/locks", "utf8").includes(`:${ino} `);
}

/** Reads the frames of the file's current generation: those of earlier ones have another salt. */
function* readFrames(file: number, header: Buffer, pageSize: number): Generator<Frame> {
  if (pageSize < 512 || pageSize > 65_536) return;
  const isLittle = header.readUInt32BE(0) === LITTLE_ENDIAN;
  const buffer = Buffer.alloc(FRAME_HEADER + pageSize);
  let seed: Checksum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  for (let at = HEADER; readSync(file, buffer, 0, buffer.length, at) === buffer.length; at += buffer.length) {
    if (buffer.compare(header, 16, 24, 8, 16) !== 0) return;
    const stored: Checksum = [buffer.readUInt32BE(16), buffer.readUInt32BE(20)];
    const head = checksum(buffer.subarray(0, 8), seed, isLittle);
    const whole = checksum(buffer.subarray(FRAME_HEADER), head, isLittle);
    const isGood = whole[0] === stored[0] && whole[1] === stored[1];
    yield { page: buffer.readUInt32BE(0), isCommit: buffer.readUInt32BE(4) !== 0, at, isGood };
    seed = stored;
  }
}

type Checksum = readonly [number, number];

/** The sum of https://sqlite.org/fileformat2.html#checksum_algorithm over pairs of 32-bit words. */
function checksum(bytes: Buffer, [s0, s1]: Checksum, isLittle: boolean): Checksum {
  let [a, b] = [s0, s1];
  for (let i = 0; i + 8 <= bytes.length; i += 8) {
    a = (a + (isLittle ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i)) + b) >>> 0;
    b = (b + (isLittle ? bytes.readUInt32LE(i + 4) : bytes.readUInt32BE(i + 4)) + a) >>> 0;
  }
  return [a, b];
}

function writePages(path: string, wal: number, frames: readonly Frame[], pageSize: number): void {
  const database = openSync(path, "r+");
  const content = Buffer.alloc(pageSize);
  try {
    for (const { page, at, isGood } of frames) {
      if (!isGood || page === 0) continue;
      readSync(wal, content, 0, pageSize, at + FRAME_HEADER);
      writeSync(database, content, 0, pageSize, (page - 1) * pageSize);
    }
  } finally {
    closeSync(database);
  }
}
