import { hideSecrets } from "../../config/hide-secrets.ts";
import { basicOf, type Proxies } from "./proxy.ts";

/** Removes the API key and the proxies' credentials from what a server says, which may be what it was sent. */
export function redactor(apiKey: string, { https, http }: Proxies): (text: string) => string {
  const ofProxies = [https, http].flatMap((url) => (url === undefined ? [] : spellings(new URL(url))));
  const hideKey = hideSecrets([apiKey], "[API key]");
  const hidePasswords = hideSecrets(ofProxies, "[proxy password]");
  return (text) => hidePasswords(hideKey(text));
}

/** User and password as in the header, in the URL and decoded, and the password alone. A user without one may be a token. */
function spellings(url: URL): string[] {
  const { username, password } = url;
  if (username === "" && password === "") return [];
  const basic = basicOf(url);
  const written = [`${username}:${password}`, password || username];
  return [basic, basic.replace(/=+$/, ""), ...written, ...written.map((text) => decodeURIComponent(text))];
}
