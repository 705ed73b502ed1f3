import { expect, test } from "bun:test";
import { explainFailure } from "../../../src/datadog/http/explain-failure.ts";
import { proxyFor } from "../../../src/datadog/http/proxy.ts";

const url = new URL("https://api.datadoghq.com/api/v1/series?x=secret");
const direct = { url, variable: "DATADOG_URL", proxy: undefined } as const;

const failure = (code: string) => Object.assign(new Error(`raw ${code}`), { code });

test.each([
  [
    "EAI_AGAIN",
    "the name api.datadoghq.com cannot be looked up: check the network and its DNS, `getent hosts api.datadoghq.com`",
  ],
  ["ENETUNREACH", "api.datadoghq.com cannot be reached: check the network, `ip route`"],
  ["EPIPE", "api.datadoghq.com closed the connection before it answered"],
  [
    "CERT_NOT_YET_VALID",
    "the certificate of api.datadoghq.com is not valid at the time that this machine believes it is: check its clock, `timedatectl`",
  ],
  [
    "CERT_HAS_EXPIRED",
    "the certificate of api.datadoghq.com is not valid at the time that this machine believes it is: check its clock, `timedatectl`",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "api.datadoghq.com shows the certificate of another host: check DATADOG_URL",
  ],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "the certificate of api.datadoghq.com is not trusted: check the clock, `timedatectl`; behind a proxy that opens TLS, name its CA with NODE_EXTRA_CA_CERTS=/path/ca.pem",
  ],
  [
    "SELF_SIGNED_CERT_IN_CHAIN",
    "the certificate of api.datadoghq.com is not trusted: check the clock, `timedatectl`; behind a proxy that opens TLS, name its CA with NODE_EXTRA_CA_CERTS=/path/ca.pem",
  ],
  ["EPROTO", "api.datadoghq.com does not speak TLS: is it http:// or https:// in DATADOG_URL?"],
  ["EMFILE", "this machine has no more files to open: check `ulimit -n`"],
])("%s", (code, words) => {
  expect(explainFailure(failure(code), direct, false)).toBe(`${words} (${code})`);
});

test("on the way to the proxy it is the proxy's, without its password", () => {
  const proxied = {
    ...direct,
    proxy: proxyFor(url, { https: "http://user:secret@proxy.example:3128", no: [] }),
  };
  expect(explainFailure(failure("ECONNREFUSED"), proxied, true)).toBe(
    "nothing listens at the proxy proxy.example:3128: check HTTPS_PROXY and the firewall (ECONNREFUSED)",
  );
  expect(explainFailure(failure("ENOTFOUND"), proxied, true)).toBe(
    "the name proxy.example cannot be looked up: check the network and its DNS, `getent hosts proxy.example` (ENOTFOUND)",
  );
  expect(explainFailure(failure("ECONNRESET"), proxied, false)).toBe(
    "api.datadoghq.com closed the connection before it answered (ECONNRESET)",
  );
});

test("what has no words yet is said as it is, on one line", () => {
  expect(explainFailure(failure("ESOMETHING"), direct, false)).toBe(
    "no answer from api.datadoghq.com: raw ESOMETHING",
  );
  expect(explainFailure("a\n\u001b[1mtext", direct, false)).toBe(
    "no answer from api.datadoghq.com: a [1mtext",
  );
  expect(explainFailure(undefined, direct, false)).toBe("no answer from api.datadoghq.com: undefined");
});
