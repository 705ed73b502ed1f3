import { PluginError } from "../../errors.ts";
import type { Io } from "../plugin.ts";
import { type ContainerStats, parseContainerStats } from "./container-stats.ts";

/** A running container of the list; `name` is without the leading slash. */
export type Container = { id: string; name: string };

/** The part of the Engine API that is used: three GETs over the unix socket. Paths carry no version: Docker 29 refuses old ones. */
export type Engine = {
  /** The running containers; undefined when there is no socket. Rejects with PluginError. */
  running(signal: AbortSignal): Promise<Container[] | undefined>;
  /** The counters now; undefined when the container is gone. Rejects with Error. */
  stats(id: string, signal: AbortSignal): Promise<ContainerStats | undefined>;
  /** How often the restart policy has restarted it; undefined when the container is gone. Rejects with Error. */
  restarts(id: string, signal: AbortSignal): Promise<number | undefined>;
};

export function createEngine(io: Io, socketPath: string): Engine {
  /** The body; undefined when the container has ended in between: 404, 409, or nothing at all from Podman. */
  async function get(path: string, signal: AbortSignal): Promise<unknown> {
    const request = { url: `http://docker${path}`, socketPath };
    const { status, body } = await io.getJson(request, signal).catch(withoutName);
    if (status === 404 || status === 409) return undefined;
    if (status !== 200) throw new Error(`status ${status}${message(body)}`);
    return body;
  }

  return {
    async running(signal) {
      try {
        return parseContainers(await get("/containers/json", signal));
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (/^no such (file|socket)/.test(said)) return undefined;
        throw new PluginError(`${socketPath}: ${said}`, remedyFor(said));
      }
    },
    async stats(id, signal) {
      // one-shot (API 1.41, Docker 20.10) answers at once; what does not know it takes two seconds for two readings.
      const path = `/containers/${encodeURIComponent(id)}/stats?stream=false&one-shot=true`;
      const body = await get(path, signal);
      return body === undefined ? undefined : parseContainerStats(body);
    },
    async restarts(id, signal) {
      const body = await get(`/containers/${encodeURIComponent(id)}/json`, signal);
      const count = (body as { RestartCount?: unknown } | null | undefined)?.RestartCount;
      return typeof count === "number" ? count : undefined;
    },
  };
}

/** `[{"Id":"d6f2327aaa69…","Names":["/web","/proxy/backend"],"State":"running",…}]`; a name with a second slash is a link's alias. */
export function parseContainers(body: unknown): Container[] {
  if (!Array.isArray(body)) throw new Error("the answer is no list of containers");
  return body.flatMap((item: { Id?: unknown; Names?: unknown } | null) => {
    if (typeof item?.Id !== "string" || item.Id === "") return [];
    const names: unknown[] = Array.isArray(item.Names) ? item.Names : [];
    const own = names.find((name): name is string => typeof name === "string" && name.lastIndexOf("/") <= 0);
    return [{ id: item.Id, name: own?.replace("/", "") || item.Id.slice(0, 12) }];
  });
}

/** The socket is named where it is told: `cannot get http://docker/containers/json at /var/run/docker.sock: …` says it twice. */
function withoutName(error: unknown): never {
  const said = error instanceof Error ? error.message : String(error);
  throw new Error(said.replace(/^cannot get \S+ at .+?: /, ""), { cause: error });
}

/** `{"message":"No such container: web"}` */
function message(body: unknown): string {
  const said = (body as { message?: unknown } | null | undefined)?.message;
  return typeof said === "string" ? `: ${said.slice(0, 200)}` : "";
}

function remedyFor(said: string): string {
  return (
    REMEDIES.find(([words]) => words.test(said))?.[1] ?? "systemctl status docker; journalctl -u docker -n 50"
  );
}

const REMEDIES: readonly [RegExp, string][] = [
  [
    /^permission denied/,
    "sudo usermod -aG docker chouette && sudo systemctl restart chouette   # its members can do what root can",
  ],
  [/^connection refused/, "sudo systemctl start docker"],
  [
    /^status 400/,
    "point DOCKER_SOCKET_PATH at the engine's own socket: a proxy before it asks for another API version",
  ],
  [/^status 403/, "let the proxy before the socket pass GET /containers (CONTAINERS=1)"],
];
