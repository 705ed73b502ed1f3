import { expect, test } from "bun:test";
import { proxyFor } from "../../../src/datadog/http/proxy.ts";

const PROXIES = { https: "http://tunnel.example:3128", http: "http://forward.example:8080", no: [] };

test("the scheme of the URL chooses the proxy", () => {
  expect(proxyFor(new URL("https://api.datadoghq.com/api"), PROXIES)).toEqual({
    url: new URL("http://tunnel.example:3128"),
    headers: {},
    variable: "HTTPS_PROXY",
  });
  expect(proxyFor(new URL("http://api.datadoghq.com/api"), PROXIES)).toEqual({
    url: new URL("http://forward.example:8080"),
    headers: {},
    variable: "HTTP_PROXY",
  });
  expect(proxyFor(new URL("http://api.datadoghq.com/api"), { https: PROXIES.https, no: [] })).toBeUndefined();
});

test("user and password become the header, percent-decoded", () => {
  const proxy = proxyFor(new URL("https://x.example"), { https: "http://us%40er:p%3Aä@proxy", no: [] });
  const [, encoded = ""] = proxy?.headers["Proxy-Authorization"]?.split("Basic ") ?? [];
  expect(Buffer.from(encoded, "base64").toString()).toBe("us@er:p:ä");
});

test.each([
  "http://localhost:1",
  "http://a.localhost",
  "https://127.0.0.1",
  "http://127.8.9.1:80",
  "http://[::1]:8080",
])("%s is this machine and needs no proxy", (url) => {
  expect(proxyFor(new URL(url), PROXIES)).toBeUndefined();
});

test.each([
  // NO_PROXY, URL, reached without a proxy?
  ["*", "https://api.datadoghq.com", true],
  ["api.datadoghq.com", "https://api.datadoghq.com", true],
  ["API.DatadogHQ.com", "https://api.datadoghq.com", true],
  ["api.datadoghq.com", "https://api.datadoghq.com.", true],
  ["datadoghq.com", "https://api.datadoghq.com", true],
  ["datadoghq.com", "https://notdatadoghq.com", false],
  ["doghq.com", "https://api.datadoghq.com", false],
  [".datadoghq.com", "https://api.datadoghq.com", true],
  [".datadoghq.com", "https://datadoghq.com", false],
  ["*.datadoghq.com", "https://api.datadoghq.com", true],
  ["*.datadoghq.com", "https://datadoghq.com", false],
  ["api.datadoghq.com:443", "https://api.datadoghq.com", true],
  ["api.datadoghq.com:443", "https://api.datadoghq.com:8443", false],
  ["api.datadoghq.com:80", "http://api.datadoghq.com", true],
  [".datadoghq.com:8443", "https://api.datadoghq.com:8443", true],
  ["10.0.0.1", "http://10.0.0.1:9000", true],
  ["10.0.0.1:9000", "http://10.0.0.1:9000", true],
  ["10.0.0.1:9001", "http://10.0.0.1:9000", false],
  ["10.0.0.1", "http://10.0.0.11", false],
  ["[fe80::1]", "http://[fe80::1]:8080", true],
  ["fe80::1", "http://[fe80::1]:8080", true],
  ["[fe80::1]:8080", "http://[fe80::1]:8080", true],
  ["[fe80::1]:8081", "http://[fe80::1]:8080", false],
  ["10.0.0.0/8", "http://10.200.3.4:9000", true],
  ["10.1.2.3/8", "http://10.200.3.4", true],
  ["10.0.0.0/8", "http://11.0.0.1", false],
  ["10.0.0.1/32", "http://10.0.0.1", true],
  ["0.0.0.0/0", "http://8.8.8.8", true],
  ["0.0.0.0/0", "http://[fd00::1]", false],
  ["192.168.0.0/16", "http://[::ffff:192.168.7.1]", true],
  ["10.0.0.0/8", "https://10.example", false],
  ["fd00::/8", "http://[fd12:3456::1]:8080", true],
  ["[fd00::]/8", "http://[fd12:3456::1]", true],
  ["FD00::/8", "http://[fd12::1]", true],
  ["fd00::/8", "http://[fe80::1]", false],
  ["10.0.0.0/33", "http://10.0.0.1", false],
  ["fd00::/129", "http://[fd00::1]", false],
  ["10.0.0/8", "http://10.0.0.1", false],
  ["10.0.0.0/", "http://10.0.0.1", false],
  ["/8", "http://10.0.0.1", false],
  ["", "https://api.datadoghq.com", false],
  [":443", "https://api.datadoghq.com", false],
  ["com", "https://api.datadoghq.com", true],
  ["*.*", "https://api.datadoghq.com", false],
])("NO_PROXY=%s and %s: %p", (no, url, direct) => {
  const proxy = proxyFor(new URL(url), { ...PROXIES, no: ["other.example", no] });
  expect(proxy === undefined).toBe(direct);
});
