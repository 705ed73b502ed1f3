const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/**
 * Parses a number in the syntax of Go's strconv.ParseFloat, which the Agent uses: `-1.5e3`, `0x1.8p1`, `inf`, `NaN`.
 * The result may be NaN or infinite; undefined when the text is not a number.
 */
export function parseNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  if (NOT_FINITE.test(text)) return Number.NaN;
  const [, sign, whole = "", fraction = "", exponent] = HEXADECIMAL.exec(text) ?? [];
  if (exponent === undefined) return undefined;
  const digits = Number.parseInt(whole + fraction, 16) * (sign === "-" ? -1 : 1);
  return digits * 2 ** (Number(exponent) - 4 * fraction.length);
}
