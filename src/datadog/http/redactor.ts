import { basicOf, type Proxies } from "./proxy.ts";

/** Takes the API key and the proxies' credentials out of what a server says, which may be what it was sent. */
export function redactor(apiKey: string, { https, http }: Proxies): (text: string) => string {
  const ofProxies = [https, http].flatMap((url) => (url === undefined ? [] : spellings(new URL(url))));
  // The longest first, so that none is left because a part of it is gone. Short ones are in every other word, as in the log.
  const hidden = ofProxies.filter(({ length }) => length >= 4).sort((a, b) => b.length - a.length);
  return (text) => {
    const keyless = apiKey === "" ? text : text.replaceAll(apiKey, "[API key]");
    return hidden.reduce((rest, secret) => rest.replaceAll(secret, "[proxy password]"), keyless);
  };
}

/** User and password as in the header, in the URL and decoded, and the password alone. A user without one may be a token. */
function spellings(url: URL): string[] {
  const { username, password } = url;
  if (username === "" && password === "") return [];
  const basic = basicOf(url);
  const written = [`${username}:${password}`, password || username];
  return [basic, basic.replace(/=+$/, ""), ...written, ...written.map((text) => decodeURIComponent(text))];
}
