import { expect, test } from "bun:test";
import { explainFailure } from "../../../src/datadog/http/explain-failure.ts";
import { proxyFor } from "../../../src/datadog/http/proxy.ts";
import { saying } from "../../helpers/saying.ts";

const url = new URL("https://api.datadoghq.com/api/v1/series?x=secret");
const direct = { url, variable: "DATADOG_URL", proxy: undefined } as const;

const failure = (code: string) => Object.assign(new Error(`raw ${code}`), { code });

test.each([
  ["EAI_AGAIN", ["api.datadoghq.com", "`getent hosts api.datadoghq.com`"]],
  ["ENETUNREACH", ["api.datadoghq.com", "`ip route`"]],
  ["ECONNREFUSED", ["api.datadoghq.com", "DATADOG_URL"]],
  ["EPIPE", ["api.datadoghq.com closed the connection"]],
  ["CERT_NOT_YET_VALID", ["certificate of api.datadoghq.com", "`timedatectl`"]],
  ["CERT_HAS_EXPIRED", ["certificate of api.datadoghq.com", "`timedatectl`"]],
  ["ERR_TLS_CERT_ALTNAME_INVALID", ["api.datadoghq.com", "another host", "DATADOG_URL"]],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ["api.datadoghq.com", "`timedatectl`", "SSL_CERT_FILE="]],
  ["SELF_SIGNED_CERT_IN_CHAIN", ["api.datadoghq.com", "`timedatectl`", "SSL_CERT_FILE="]],
  ["EPROTO", ["api.datadoghq.com", "TLS", "DATADOG_URL"]],
  ["EMFILE", ["`ulimit -n`"]],
])("%s names its subject and what to check", (code, parts) => {
  expect(explainFailure(failure(code), direct, false)).toEqual(saying(...parts, `(${code})`));
});

test("a failure on the way to the proxy names the proxy and its variable, without its password", () => {
  const proxied = {
    ...direct,
    proxy: proxyFor(url, { https: "http://user:secret@proxy.example:3128", no: [] }),
  };
  const refused = explainFailure(failure("ECONNREFUSED"), proxied, true);
  expect(refused).toEqual(saying("the proxy proxy.example:3128", "HTTPS_PROXY"));
  expect(refused).not.toContain("secret");
  expect(explainFailure(failure("ENOTFOUND"), proxied, true)).toEqual(saying("`getent hosts proxy.example`"));
  expect(explainFailure(failure("ECONNRESET"), proxied, false)).toEqual(saying("api.datadoghq.com"));
});

test("an unknown failure is shown on one line in its own words", () => {
  expect(explainFailure(failure("ESOMETHING"), direct, false)).toEqual(
    saying("api.datadoghq.com", "raw ESOMETHING"),
  );
  expect(explainFailure("a\n\u001b[1mtext", direct, false)).toEndWith(": a [1mtext");
  expect(explainFailure(undefined, direct, false)).toEndWith(": undefined");
});
