import type { Headers } from "../delivery.ts";
import { type Answer, contentType } from "./answer.ts";
import { explainProxyLogin } from "./explain-proxy-login.ts";
import type { HttpProxy } from "./proxy.ts";
import { readable } from "./readable.ts";

/** The target of a payload, and the variable that configures it. */
export type Target = {
  url: URL;
  variable: "DATADOG_URL" | "DATADOG_LOGS_URL";
  proxy: HttpProxy | undefined;
};

/** Explains an answer that did not accept the payload and what to do, with the beginning of the server's text. */
export function explainAnswer(answer: Pick<Answer, "status" | "headers" | "body">, target: Target): string {
  const said = readable(answer.body);
  return `${meaning(answer, target)}${said === "" ? "" : `; it said: ${said}`}`;
}

function meaning(
  { status, headers }: Pick<Answer, "status" | "headers">,
  { url, variable, proxy }: Target,
): string {
  const { host, pathname } = url;
  if (status >= 200 && status < 300) {
    const type = contentType(headers);
    const what = type === undefined ? "" : ` with ${readable(type)}`;
    return `${host} answered ${status}${what}, which is not the answer of an intake, so nothing counts as delivered. Either a network shows its login page (a captive portal, as in hotels): log in to it; or another web server answers: check ${variable}`;
  }
  if (status >= 300 && status < 400)
    return `${host} redirects to ${destination(headers.location, url)} (${status}). Redirects are not followed, since the API key would be sent there too: if the address is right, set ${variable} to it`;
  if (status === 407 && proxy !== undefined) return explainProxyLogin(headers, proxy);
  switch (status) {
    case 400:
      return `${host} refused the payload (400)`;
    case 401:
    case 403:
      return `${host} refused the API key (${status}): check API_KEY, and that DD_SITE is the site that the key belongs to`;
    case 404:
      return `${host} has no ${pathname} (404): check ${variable}`;
    case 408:
    case 429:
      return `${host} asked to try again later (${status})`;
    case 413:
      return `the payload is too large for ${host} (413)`;
  }
  return status < 500
    ? `${host} refused ${pathname} (${status}): check ${variable}, and whether a proxy or a firewall on the way refuses it`
    : `${host} is not able to take data at the moment (${status})`;
}

/** Explains why the proxy did not open a tunnel to the intake. */
export function explainRefusedTunnel(answer: Pick<Answer, "status" | "headers">, target: Target): string {
  const { url, proxy } = target;
  if (answer.status === 407) return meaning(answer, target);
  return `the proxy ${proxy?.url.host} refused to connect to ${url.host} (${answer.status}): check ${proxy?.variable}, and which hosts the proxy allows`;
}

/** Returns scheme, host and path, without user, password and query. */
function destination(location: Headers[string], base: URL): string {
  if (typeof location !== "string" || !URL.canParse(location, base.href)) return "no valid address";
  const { protocol, host, pathname } = new URL(location, base);
  return readable(`${protocol}//${host}${pathname}`);
}
