import { describe, expect, test } from "bun:test";
import { warnOfClearText, warnOfName, warnOfUnknown } from "../../src/config/warnings.ts";

const KNOWN = ["CAPTURE_INTERVAL", "COLLECT_PLUGINS", "DD_TAGS", "HOST"];

describe("a variable that nothing reads", () => {
  test.each([
    [
      "CAPTURE_INTERVALL",
      "e.env: nothing reads the variable CAPTURE_INTERVALL; did you mean CAPTURE_INTERVAL?",
    ],
    ["collect_plugin", "e.env: nothing reads the variable collect_plugin; did you mean COLLECT_PLUGINS?"],
    ["DD_TAG", "e.env: nothing reads the variable DD_TAG; did you mean DD_TAGS?"],
    ["DD_APM_ENABLED", "e.env: nothing reads the variable DD_APM_ENABLED"],
  ])("%s is warned of", (name, warning) => {
    expect(warnOfUnknown("e.env", ["HOST", name], KNOWN)).toEqual([warning]);
  });

  test("a known one is not, in any case", () => {
    expect(warnOfUnknown("e.env", ["Capture_Interval", "HOST"], KNOWN)).toEqual([]);
  });
});

describe("an API key in clear text", () => {
  test.each(["example.com", "8.8.8.8", "172.32.0.1", "100.128.0.1", "[2001:db8::1]", "intake.example.com."])(
    "has a warning for %s",
    (host) => {
      expect(warnOfClearText([`http://${host}/api/v1/series`, `http://${host}/x`])).toEqual([
        `http://${host} gets the API key in clear text: use https://`,
      ]);
    },
  );

  test.each([
    "http://127.0.0.1:8080/api",
    "http://localhost/",
    "http://[::1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://172.31.9.9/",
    "http://192.168.1.1/",
    "http://169.254.0.1/",
    "http://100.64.0.1/",
    "http://vector:8080/",
    "http://nas.local/",
    "http://intake.lan/",
    "http://intake.home.arpa/",
    "https://example.com/",
  ])("has no warning for %s", (url) => {
    expect(warnOfClearText([url])).toEqual([]);
  });
});

test("a system's name that every device has is warned of", () => {
  expect(warnOfName("localhost")).toEqual([expect.stringContaining("set HOST")]);
  expect(warnOfName("(none)")).toHaveLength(1);
  expect(warnOfName("pi4")).toEqual([]);
});
