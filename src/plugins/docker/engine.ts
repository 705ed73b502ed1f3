import { IoError, type IoFailure, PluginError } from "../../errors.ts";
import { joinGroup } from "../advice.ts";
import { amount, record, text } from "../foreign-json.ts";
import type { Io, Place } from "../plugin.ts";
import { type ContainerStats, parseContainerStats } from "./container-stats.ts";

/** A running container of the list; `name` is without the leading slash. */
export type Container = { id: string; name: string };

/** The part of the Engine API that is used: three GETs over the unix socket. Paths carry no version: Docker 29 refuses old ones. */
export type Engine = {
  /** The running containers; undefined when there is no socket. Rejects with PluginError. */
  running(signal: AbortSignal): Promise<Container[] | undefined>;
  /** The counters now; undefined when the container is gone. Rejects with Error. */
  stats(id: string, signal: AbortSignal): Promise<ContainerStats | undefined>;
  /** Resolves to the number of restarts by the restart policy; undefined when the container is gone. Rejects with Error. */
  restarts(id: string, signal: AbortSignal): Promise<number | undefined>;
};

export function createEngine(io: Io, socketPath: string): Engine {
  const get = (path: string, signal: AbortSignal) =>
    io.getJson({ url: `http://docker${path}`, socketPath }, signal);

  /** The body; undefined when the container has ended in between: 404, 409, or nothing at all from Podman. */
  async function ofContainer(path: string, signal: AbortSignal): Promise<unknown> {
    const { status, body } = await get(path, signal).catch((error: unknown) => {
      throw new Error(causeOf(error), { cause: error });
    });
    if (status === 404 || status === 409) return undefined;
    if (status !== 200) throw new Error(refusal(status, body));
    return body;
  }

  return {
    async running(signal) {
      const failed = (why: string, remedy = STATUS) => new PluginError(`${socketPath}: ${why}`, remedy);
      try {
        const { status, body } = await get("/containers/json", signal);
        const containers = status === 200 ? parseContainers(body) : undefined;
        if (containers !== undefined) return containers;
        if (status !== 200 && status !== 404) throw failed(refusal(status, body), REMEDY_OF_STATUS[status]);
        throw failed("the answer is not a list of containers");
      } catch (error) {
        if (error instanceof PluginError) throw error;
        const code = error instanceof IoError ? error.code : "other";
        if (code === "absent") return undefined;
        throw failed(causeOf(error), remedyOf(code, io.place(), socketPath));
      }
    },
    async stats(id, signal) {
      // one-shot (API 1.41, Docker 20.10) answers at once; what does not know it takes two seconds for two readings.
      const path = `/containers/${encodeURIComponent(id)}/stats?stream=false&one-shot=true`;
      const body = await ofContainer(path, signal);
      return body === undefined ? undefined : parseContainerStats(body);
    },
    async restarts(id, signal) {
      const body = await ofContainer(`/containers/${encodeURIComponent(id)}/json`, signal);
      return amount(record(body).RestartCount);
    },
  };
}

/** `[{"Id":"d6f2327aaa69…","Names":["/web","/proxy/backend"],"State":"running",…}]`; a name with a second slash is a link's alias. */
function parseContainers(body: unknown): Container[] | undefined {
  if (!Array.isArray(body)) return undefined;
  return body.map(record).flatMap(({ Id, Names }) => {
    if (typeof Id !== "string" || Id === "") return [];
    const names: unknown[] = Array.isArray(Names) ? Names : [];
    const own = names.find((name): name is string => typeof name === "string" && name.lastIndexOf("/") <= 0);
    return [{ id: Id, name: own?.replace("/", "") || Id.slice(0, 12) }];
  });
}

/** Without what was tried, which the caller names: `cannot get http://docker/containers/json at /var/run/docker.sock`. */
function causeOf(error: unknown): string {
  if (error instanceof IoError) return error.why;
  return error instanceof Error ? error.message : String(error);
}

/** `status 404: No such container: web`, from `{"message":"No such container: web"}`. */
function refusal(status: number, body: unknown): string {
  const said = text(record(body).message).slice(0, 200);
  return said === "" ? `status ${status}` : `status ${status}: ${said}`;
}

const STATUS = "systemctl status docker; journalctl -u docker -n 50";

function remedyOf(code: IoFailure, place: Place, socketPath: string): string | undefined {
  if (code === "denied")
    return `${joinGroup(place, "docker", socketPath)}${place.container ? ";" : "   #"} its members can do what root can`;
  return code === "refused" ? "sudo systemctl start docker" : undefined;
}

const REMEDY_OF_STATUS: Readonly<Record<number, string>> = {
  400: "point DOCKER_SOCKET_PATH at the engine's own socket: a proxy before it asks for another API version",
  403: "let the proxy before the socket pass GET /containers (CONTAINERS=1)",
};
