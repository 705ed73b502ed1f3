/** Characters; a shorter secret is part of other words: hiding a password `p` would turn "script" into "scri***t". */
const SHORTEST = 4;

/** Returns a function that replaces the secrets in a text; those under 4 characters stay. */
export function hideSecrets(secrets: readonly string[], instead = "***"): (text: string) => string {
  // The longest first, so that no rest of a secret stays because another one is a part of it.
  const hidden = secrets.filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, () => instead), text);
}
