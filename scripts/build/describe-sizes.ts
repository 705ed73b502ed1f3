import { basename } from "node:path";

/** A line for each file with its size and its size in gzip, as releases have it. */
export async function describeSizes(paths: readonly string[]): Promise<string> {
  const rows = [["file", "MB", "gzip MB"]];
  for (const path of paths) {
    const bytes = await Bun.file(path).bytes();
    rows.push([
      basename(path),
      megabytes(bytes),
      megabytes(Bun.gzipSync(bytes, { library: "libdeflate", level: 6 })),
    ]);
  }
  return rows
    .map(([file = "", ...sizes]) => file.padEnd(24) + sizes.map((size) => size.padStart(9)).join(""))
    .join("\n");
}

function megabytes({ length }: Uint8Array): string {
  return (length / 1e6).toFixed(1);
}
