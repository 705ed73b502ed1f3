import { expect, test } from "bun:test";
import { openScreen } from "../../src/terminal/screen.ts";

function opened(height: number) {
  let printed = "";
  const screen = openScreen(
    (text) => {
      printed += text;
    },
    () => ({ width: 80, height }),
  );
  return {
    screen,
    take: () => {
      const taken = printed;
      printed = "";
      return taken;
    },
  };
}

test("leaves the first screen as it was: what is opened is closed, in reverse", () => {
  const { screen, take } = opened(24);
  expect(take()).toBe("\x1b[?1049h\x1b[?7l\x1b[?25l");
  screen.close();
  expect(take()).toBe("\x1b[?25h\x1b[?7h\x1b[?1049l");
});

test("draws from the upper left corner, and clears what is left of the last picture", () => {
  const { screen, take } = opened(24);
  take();
  screen.draw("a\nb\n");
  expect(take()).toBe("\x1b[Ha\x1b[K\nb\x1b[K\x1b[J");
});

test("counts the lines that do not fit", () => {
  const { screen, take } = opened(3);
  take();
  screen.draw("1\n2\n3\n4\n5");
  expect(take().replaceAll("\x1b[K", "")).toBe("\x1b[H1\n2\n… 3 more lines: enlarge the terminal\x1b[J");
  screen.draw("1\n2\n3");
  expect(take().replaceAll("\x1b[K", "")).toBe("\x1b[H1\n2\n3\x1b[J");
});
