/** One figure of Chouette beside that of a bare equivalent from the same run; texts with their units. */
export type Measurement = { what: string; chouette: string; beside: string; ratio?: number; aim: string };

/** Runs a part of the benchmark in a separate process and reads the JSON that it prints last. */
export async function inChild<T>(script: string, ...args: string[]): Promise<T> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${script}`, ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  if ((await child.exited) !== 0) throw new Error(`${script} ${args.join(" ")} failed`);
  return JSON.parse(lines.at(-1) ?? "null") as T;
}
