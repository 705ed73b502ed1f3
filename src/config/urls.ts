import type * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { parsedSchema } from "./variable.ts";

/** An intake's base, as `https://api.datadoghq.com/api`, without slashes at its end. A key or a password has no place in it. */
export function baseUrlSchema(): v.GenericSchema<string, string> {
  return parsedSchema((text) => {
    const url = parseUrl(text);
    if (url === undefined || !isHttp(url) || hasUser(url) || /[?#]/.test(text)) throw new InvalidValue();
    return url.href.replace(/\/+$/, "");
  });
}

/** A proxy: `http://user:password@proxy:3128`, or `proxy:3128` as curl takes it. */
export function proxyUrlSchema(): v.GenericSchema<string, string> {
  return parsedSchema((text) => {
    const url = parseUrl(text.includes("://") ? text : `http://${text}`);
    if (url === undefined || !isHttp(url) || !canDecode(url)) throw new InvalidValue();
    if (url.pathname !== "/" || /[?#]/.test(text)) throw new InvalidValue();
    return url.href.replace(/\/$/, "");
  });
}

/** The URL for people: without user, password and query, which may hold a password too. */
export function withoutCredentials(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}

/** Every spelling of the passwords in the URL, so that a log can hide them. A user without a password may be a token. */
export function passwordsIn(text: string): string[] {
  const url = new URL(text);
  const inUser = url.password || url.username;
  const inQuery = url.searchParams.get("password") ?? "";
  const spellings = [inUser, decode(inUser) ?? "", inQuery, encodeURIComponent(inQuery)];
  return [...new Set(spellings)].filter((spelling) => spelling !== "");
}

/** Rejects tabs, line ends and `https:host`, which the parser itself would silently correct. */
function parseUrl(text: string): URL | undefined {
  return /^[a-z+]+:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

const isHttp = (url: URL) => url.protocol === "http:" || url.protocol === "https:";

const hasUser = (url: URL) => url.username !== "" || url.password !== "";

const canDecode = (url: URL) => decode(url.username) !== undefined && decode(url.password) !== undefined;

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
