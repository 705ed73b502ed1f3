import { parseJson } from "../json/parse-json.ts";

/** The name in Docker's config.v2.json, `{"ID":"5a0d…","Name":"/web",…}`: `web`; undefined when it is not such a file. */
export function parseDockerConfig(text: string | undefined): string | undefined {
  const name = record(parseJson(text ?? "")).Name;
  return typeof name === "string" && name.length > 1 ? name.replace(/^\//, "") : undefined;
}

/** Names by id in Podman's containers.json, `[{"id":"2521…","names":["web"],…}]`; other entries are passed over. */
export function parsePodmanContainers(text: string | undefined): Map<string, string> {
  const containers = parseJson(text ?? "");
  const names = new Map<string, string>();
  for (const { id, names: list } of Array.isArray(containers) ? containers.map(record) : []) {
    const name: unknown = Array.isArray(list) ? list[0] : undefined;
    if (typeof id === "string" && typeof name === "string" && name !== "") names.set(id, name);
  }
  return names;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
