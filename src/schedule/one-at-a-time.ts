/** Makes functions of which only one runs at a time: a call waits until those before it have ended, well or not. */
export function oneAtATime(): <A extends unknown[], T>(
  run: (...args: A) => Promise<T>,
) => (...args: A) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) =>
    (...args) => {
      const mine = last.then(() => run(...args));
      last = mine.catch(() => {});
      return mine;
    };
}
