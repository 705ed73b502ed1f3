import type { HttpProxy } from "./proxy.ts";

/** Where a payload goes, and which variables of the configuration lead there. */
export type Target = {
  url: URL;
  variable: "DATADOG_URL" | "DATADOG_LOGS_URL";
  proxy: HttpProxy | undefined;
};

/** What a status other than 2xx means and what to do about it, with the first words of what the server said itself. */
export function explainAnswer(
  { status, location, body }: { status: number; location: string | undefined; body: string },
  target: Target,
): string {
  const said = readable(body);
  return `${meaning(status, location, target)}${said === "" ? "" : `; it said: ${said}`}`;
}

function meaning(status: number, location: string | undefined, { url, variable, proxy }: Target): string {
  const { host, pathname } = url;
  if (status >= 300 && status < 400)
    return `${host} redirects to ${destination(location, url)} (${status}), which is not followed since the API key would go along: if that is the right place, put it into ${variable}`;
  if (status === 407 && proxy !== undefined)
    return `the proxy ${proxy.url.host} does not know who asks (407): check user and password in ${proxy.variable}`;
  switch (status) {
    case 400:
      return `${host} refuses the payload (400)`;
    case 401:
    case 403:
      return `${host} refuses the API key (${status}): check API_KEY, and that DD_SITE is the site where the key was made`;
    case 404:
      return `${host} has no ${pathname} (404): check ${variable}`;
    case 408:
    case 429:
      return `${host} asks to come again later (${status})`;
    case 413:
      return `the payload is too large for ${host} (413)`;
  }
  return status < 500
    ? `${host} does not take ${pathname} (${status}): check ${variable}, and for a proxy or firewall on the way`
    : `${host} cannot take it now (${status})`;
}

/** Why the proxy opened no tunnel to the intake. */
export function explainRefusedTunnel(status: number, target: Target): string {
  const { url, proxy } = target;
  if (status === 407) return meaning(status, undefined, target);
  return `the proxy ${proxy?.url.host} does not connect to ${url.host} (${status}): check ${proxy?.variable}, and what the proxy permits`;
}

/** Scheme, host and path; neither user, password nor query. */
function destination(location: string | undefined, base: URL): string {
  if (location === undefined || !URL.canParse(location, base.href)) return "nowhere in particular";
  const { protocol, host, pathname } = new URL(location, base);
  return readable(`${protocol}//${host}${pathname}`);
}

/** At most 200 characters on one line, without anything that a terminal would obey or that cannot be seen. */
export function readable(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}\ufffd]+/gu, " ").trim();
  return [...line.slice(0, 400)].slice(0, 200).join("");
}
