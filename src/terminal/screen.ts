/** Characters on a line of a terminal, and lines. */
export type Size = { width: number; height: number };

/** A terminal's second screen, which is redrawn in place and leaves the first one as it was. */
export type Screen = {
  /** Replaces what is shown; what does not fit is cut off, and counted in the last line. */
  draw(text: string): void;
  close(): void;
};

/** Sequences of xterm, which every terminal of today knows: second screen, lines cut instead of wrapped, no cursor. */
const OPEN = "\x1b[?1049h\x1b[?7l\x1b[?25l";
const CLOSE = "\x1b[?25h\x1b[?7h\x1b[?1049l";
const TO_BEGIN = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

export function openScreen(print: (text: string) => void, size: () => Size): Screen {
  print(OPEN);
  return {
    draw(text) {
      const lines = text.trimEnd().split("\n");
      const { height } = size();
      const more = lines.length - height;
      const shown =
        more > 0 ? [...lines.slice(0, height - 1), `… ${more + 1} more lines: enlarge the terminal`] : lines;
      print(`${TO_BEGIN}${shown.map((line) => `${line}${CLEAR_LINE}`).join("\n")}${CLEAR_BELOW}`);
    },
    close: () => print(CLOSE),
  };
}
