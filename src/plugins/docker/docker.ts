import { listOfSchema, textSchema, type Variables } from "../../env.ts";
import type { Capture, Plugin } from "../plugin.ts";
import { sideBySide } from "../side-by-side.ts";
import { type Answer, containerPoints, METRICS, type Metric } from "./container-points.ts";
import type { ContainerStats } from "./container-stats.ts";
import { type Container, createEngine, type Engine } from "./engine.ts";
import { shortcomings } from "./shortcomings.ts";

const variables = {
  socketPath: {
    names: ["DOCKER_SOCKET_PATH"],
    default: "/var/run/docker.sock",
    meaning: "Unix socket of Docker, or of Podman's Docker-compatible service.",
    expects: "a path",
    schema: textSchema(),
  },
  metrics: {
    names: ["DOCKER_METRICS"],
    default: '["memory","cpu"]',
    meaning: "What is sent for every running container.",
    expects: `a list of ${METRICS.join(", ")}`,
    schema: listOfSchema(METRICS),
  },
} as const satisfies Variables;

/** Containers asked at once: fifty take seven rounds. */
const AT_ONCE = 8;

/** Memory, CPU time and more of the running containers, from the Engine API of Docker or Podman. */
export const docker: Plugin<typeof variables> = {
  variables,
  create(values, io) {
    const engine = createEngine(io, values.socketPath);
    const wanted = new Set(values.metrics);
    let before = new Map<string, ContainerStats>();

    return {
      async collect(at, signal) {
        const containers = await engine.running(signal);
        if (containers === undefined) return noEngine(values.socketPath);
        if (containers.length === 0) return { points: [], reason: "no container is running" };

        const answers = await sideBySide(AT_ONCE, containers, (container) =>
          ask(engine, container, wanted, before.get(container.id), signal),
        );
        before = new Map(
          answers.flatMap(({ id, stats = before.get(id) }) => (stats === undefined ? [] : [[id, stats]])),
        );
        const points = answers.flatMap((answer) => containerPoints(answer, wanted, at));
        return { points, ...shortcomings(answers, points, wanted) };
      },
    };
  },
};

/** What the engine says about one container now; never rejects: a silent container costs nothing but its own points. */
async function ask(
  engine: Engine,
  { id, name }: Container,
  wanted: ReadonlySet<Metric>,
  before: ContainerStats | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const [stats, restarts] = await Promise.allSettled([
    [...wanted].some((metric) => metric !== "restarts") ? engine.stats(id, signal) : undefined,
    wanted.has("restarts") ? engine.restarts(id, signal) : undefined,
  ]);
  const refused = [stats, restarts].find((result) => result.status === "rejected");
  return {
    id,
    name,
    before,
    stats: stats.status === "fulfilled" && stats.value?.running ? stats.value : undefined,
    restarts: restarts.status === "fulfilled" ? restarts.value : undefined,
    failure: refused && String(refused.reason?.message),
  };
}

function noEngine(socketPath: string): Capture {
  return {
    points: [],
    reason: `no Docker here (no ${socketPath})`,
    remedy:
      "for Podman: sudo systemctl enable --now podman.socket, and DOCKER_SOCKET_PATH=/run/podman/podman.sock; in a container, give it the socket: docker run -v /var/run/docker.sock:/var/run/docker.sock …",
  };
}
