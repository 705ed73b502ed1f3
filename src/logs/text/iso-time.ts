/**
 * Reads the time with which a text begins, `2026-10-11T22:14:15.003015+02:00`: Unix seconds, and the index behind it. Undefined when
 * there is none, or no zone behind it. `Date.parse` takes longer than all the rest of reading a line.
 */
export function isoTime(text: string): { at: number; end: number } | undefined {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(10) !== T)
    return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const year = 100 * two(text, 0) + two(text, 2);
  const [month, day] = [two(text, 5), two(text, 8)];
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60))
    return undefined;
  let end = 19;
  let fraction = 0;
  if (text.charCodeAt(end) === POINT)
    for (let unit = 0.1; isDigit(text.charCodeAt(++end)); unit /= 10)
      fraction += unit * (text.charCodeAt(end) - ZERO);
  const zone = zoneAt(text, end);
  if (zone === undefined || Number.isNaN(year)) return undefined;
  const at = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 + fraction - zone.seconds;
  return { at, end: zone.end };
}

const [ZERO, COLON, DASH, PLUS, POINT, T, Z] = [48, 58, 45, 43, 46, 84, 90];

const isDigit = (code: number) => code >= ZERO && code <= 57;

/** The number of two digits; NaN where there are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? 10 * (tens - ZERO) + ones - ZERO : Number.NaN;
}

/** `Z`, `+02:00` or `+0200`, in seconds east of UTC. */
function zoneAt(text: string, at: number): { seconds: number; end: number } | undefined {
  const sign = text.charCodeAt(at);
  if (sign === Z) return { seconds: 0, end: at + 1 };
  if (sign !== PLUS && sign !== DASH) return undefined;
  const minutes = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  const seconds = 3600 * two(text, at + 1) + 60 * two(text, minutes);
  return Number.isNaN(seconds)
    ? undefined
    : { seconds: sign === DASH ? -seconds : seconds, end: minutes + 2 };
}
