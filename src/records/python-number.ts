/**
 * Returns a JSON number as Python's str() prints it, which is what the dashboards of the Python agent know: `2.0` stays, `0.00001` is
 * `1e-05`, and an integer has all of its digits. The number must be finite.
 */
export function pythonNumber(text: string): string {
  if (INTEGER.test(text)) return text === "-0" ? "0" : text;
  const value = Number(text);
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16)
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}

const INTEGER = /^-?\d+$/;
