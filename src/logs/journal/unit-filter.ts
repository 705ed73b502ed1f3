/** Returns whether one of the units is named by a glob: `ssh`, `ssh.service`, `docker-*`; `*` for all, and for what belongs to no unit. */
export function unitFilter(globs: readonly string[]): (units: readonly string[]) => boolean {
  if (globs.includes("*")) return () => true;
  const patterns = globs.map((glob) => regExpOf(/\.\w+$/.test(glob) ? glob : `${glob}.service`));
  const known = new Map<string, boolean>();
  const isNamed = (unit: string) => {
    const before = known.get(unit);
    if (before !== undefined) return before;
    if (known.size > 1000) known.clear();
    const named = patterns.some((pattern) => pattern.test(unit));
    known.set(unit, named);
    return named;
  };
  return (units) => units.some(isNamed);
}

function regExpOf(glob: string): RegExp {
  const source = glob
    .replace(/\*+/g, "*")
    .replace(/[\\^$.+(){}|[\]]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
