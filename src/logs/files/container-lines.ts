import type { ContainerFormat } from "./container-log.ts";
import { firstIn, type Joined, type Joiner, type Place, placesOf } from "./multi-line.ts";
import { MAX_LINE, type RawLine } from "./split-lines.ts";

/** Lines that wait for the end of an earlier one. */
const MOST = 1000;

/** A log that is being put together: where its pieces are, and the numbers of the first and the last line in the order of reading. */
type Piece = RawLine & { isOpen: boolean; places: readonly Place[]; first: number; last: number };

/**
 * Unwraps the lines of a container runtime, and joins the pieces into which it cuts long ones (16 kB), of stdout and stderr apart.
 * Logs leave in the order in which they begin, so that a restart at the first open one repeats none.
 */
export function createContainerLines(format: ContainerFormat): Joiner {
  const unwrap = format === "docker" ? unwrapDocker : unwrapCri;
  let held: Piece[] = [];
  let number = 0;

  /** Takes the first logs, as far as a restart behind them meets no piece of theirs. */
  function complete(): Joined[] {
    let whole = 0;
    let last = -1;
    for (const [i, piece] of held.entries()) {
      if (piece.first > last) whole = i;
      if (piece.isOpen) break;
      last = Math.max(last, piece.last);
      if (i === held.length - 1) whole = held.length;
    }
    if (held.length > MOST) whole = held.length;
    const taken = held.slice(0, whole);
    held = held.slice(whole);
    return taken.map(({ isOpen: _, first: __, last: ___, ...line }) => line);
  }

  return {
    take(lines, file) {
      for (const line of lines) {
        number++;
        const { text, partial, ...about } = unwrap(line.text);
        const i = held.findIndex(({ isOpen, stream }) => isOpen && stream === about.stream);
        const open = held[i];
        const joined = (open?.text ?? "") + text;
        const isOpen = partial && joined.length < MAX_LINE;
        const places = [...(open?.places ?? []), ...placesOf(line, file)];
        if (open === undefined)
          held.push({ ...line, ...about, text, isOpen, places, first: number, last: number });
        else held[i] = { ...open, text: joined, end: line.end, isOpen, places, last: number };
      }
      return complete();
    },
    flush() {
      held = held.map((piece) => ({ ...piece, isOpen: false }));
      return complete();
    },
    openAt: (file) => firstIn(held, file),
  };
}

type Unwrapped = { text: string; partial: boolean; at?: number; stream?: string };

/** `{"log":"text\n","stream":"stderr","time":"2026-01-02T03:04:05.678901234Z"}`; a piece has no newline at its end. */
function unwrapDocker(text: string): Unwrapped {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null || !("log" in line) || typeof line.log !== "string")
      return { text, partial: false };
    const time = "time" in line && typeof line.time === "string" ? Date.parse(line.time) / 1000 : Number.NaN;
    const stream = "stream" in line && typeof line.stream === "string" ? { stream: line.stream } : {};
    const partial = !line.log.endsWith("\n");
    return {
      text: line.log.replace(/\r?\n$/, ""),
      partial,
      ...(Number.isFinite(time) && { at: time }),
      ...stream,
    };
  } catch {
    return { text, partial: false };
  }
}

/** `2026-01-02T03:04:05.678901234Z stdout F text`, with P for a piece: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md */
const CRI = /^(\S{20,35}) (stdout|stderr) ([FP])(?::\S+)? ?/;

function unwrapCri(text: string): Unwrapped {
  const [head, time = "", stream = "", tag] = CRI.exec(text) ?? [];
  if (head === undefined) return { text, partial: false };
  const at = Date.parse(time) / 1000;
  return { text: text.slice(head.length), partial: tag === "P", stream, ...(Number.isFinite(at) && { at }) };
}
