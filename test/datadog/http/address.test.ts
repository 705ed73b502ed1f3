import { expect, test } from "bun:test";
import { addressOf } from "../../../src/datadog/http/address.ts";

test.each([
  [
    "https://api.datadoghq.com/api",
    { host: "api.datadoghq.com", port: "443", servername: "api.datadoghq.com" },
  ],
  ["http://proxy:3128", { host: "proxy", port: "3128", servername: "proxy" }],
  ["http://proxy", { host: "proxy", port: "80", servername: "proxy" }],
  ["https://10.0.0.1:8443", { host: "10.0.0.1", port: "8443", servername: "" }],
  ["https://[fe80::1]", { host: "fe80::1", port: "443", servername: "" }],
  ["https://10.0.0.1.example", { host: "10.0.0.1.example", port: "443", servername: "10.0.0.1.example" }],
])("%s", (url, address) => {
  expect(addressOf(new URL(url))).toEqual(address);
});
