import type { Headers } from "../delivery.ts";
import type { HttpProxy } from "./proxy.ts";
import { readable } from "./readable.ts";

/** Explains a 407. Chouette logs in with Basic; a proxy that offers only NTLM or Digest cannot be satisfied by any password. */
export function explainProxyLogin(headers: Headers, { url, variable }: HttpProxy): string {
  const schemes = offeredSchemes(headers["proxy-authenticate"]);
  const offered = readable(schemes.join(", "));
  if (schemes.length > 0 && !schemes.some((scheme) => scheme.toLowerCase() === "basic"))
    return `the proxy ${url.host} accepts only the login ${offered} (407), Chouette offers only Basic: let the proxy accept Basic or pass this machine without a login, or set ${variable} to a local proxy that logs in (cntlm, px)`;
  return url.username === "" && url.password === ""
    ? `the proxy ${url.host} requires a user and a password (407): set ${variable}=http://USER:PASSWORD@${url.host}`
    : `the proxy ${url.host} refused the user and password (407): check them in ${variable}`;
}

/** `Negotiate, NTLM` and `Digest realm="a, b", qop="auth"` to the names of the schemes (RFC 9110 §11.6.1). */
function offeredSchemes(value: Headers[string]): string[] {
  const challenges = [value ?? []].flat().map((text) => text.replace(/"(?:[^"\\]|\\.)*"/g, ""));
  return challenges.flatMap((text) =>
    text.split(",").flatMap((part) => /^\s*([A-Za-z][\w-]*)(?=\s+[^=\s]|\s*$)/.exec(part)?.[1] ?? []),
  );
}
