import { expect, test } from "bun:test";
import fc from "fast-check";
import { pythonNumber } from "../../src/records/python-number.ts";

/** Each pair was printed by `python3 -c 'import json; print(json.loads(TEXT))'`, Python 3.11. */
test.each([
  ["2", "2"],
  ["-0", "0"],
  ["12345678901234567890", "12345678901234567890"],
  ["2.0", "2.0"],
  ["-0.0", "-0.0"],
  ["0.10", "0.1"],
  ["0.0001", "0.0001"],
  ["0.00001", "1e-05"],
  ["1e-05", "1e-05"],
  ["-1e-7", "-1e-07"],
  ["1E5", "100000.0"],
  ["1e15", "1000000000000000.0"],
  ["1e16", "1e+16"],
  ["1e22", "1e+22"],
  ["1.5e300", "1.5e+300"],
  ["5e-324", "5e-324"],
  ["123456789012345680.0", "1.2345678901234568e+17"],
  ["9007199254740993.0", "9007199254740992.0"],
])("%s is %s", (text, printed) => {
  expect(pythonNumber(text)).toBe(printed);
});

test("every finite number is printed so that it reads as the same number", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const printed = pythonNumber(value.toExponential());
      expect(Number(printed) === value).toBe(true);
      expect(printed).toMatch(/[.e]/);
    }),
  );
});

test("every integer keeps its digits", () => {
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      expect(pythonNumber(`${value}`)).toBe(`${value}`);
    }),
  );
});
