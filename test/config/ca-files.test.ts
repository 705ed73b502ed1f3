import { expect, test } from "bun:test";
import { issuesOf, load } from "./load.ts";

test("the files of trusted authorities are those of both names", () => {
  expect(load({ SSL_CERT_FILE: "/etc/ssl/own.pem", NODE_EXTRA_CA_CERTS: "/srv/ca.pem" }).caFiles).toEqual([
    "/etc/ssl/own.pem",
    "/srv/ca.pem",
  ]);
  expect(load({ NODE_EXTRA_CA_CERTS: "/srv/ca.pem" }).caFiles).toEqual(["/srv/ca.pem"]);
});

test("a file of authorities that cannot be used is named with its variable and the reason", () => {
  expect(issuesOf({ SSL_CERT_FILE: "/bad.pem", AGGREGATE_INTERVAL: "soon" })).toEqual([
    expect.stringMatching(/^AGGREGATE_INTERVAL: /),
    expect.stringMatching(/^SSL_CERT_FILE: got "\/bad.pem", it holds no certificate; expects a PEM file/),
  ]);
  expect(issuesOf({ NODE_EXTRA_CA_CERTS: "/bad.pem" })).toEqual([
    expect.stringContaining('NODE_EXTRA_CA_CERTS: got "/bad.pem"'),
  ]);
});

test("a Redis with TLS is given the files of authorities, one without is not", () => {
  const caFiles = ["/etc/ssl/own.pem"];
  const env = { SSL_CERT_FILE: "/etc/ssl/own.pem", CHOUETTE_STORAGE_TYPE: "redis" };
  expect(load({ ...env, REDIS_URL: "rediss://h" }).storage).toMatchObject({ address: { caFiles } });
  expect(load({ ...env, REDIS_URL: "redis://h" }).redis).not.toHaveProperty("caFiles");
});
