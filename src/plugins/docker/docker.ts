import { listOfSchema, textSchema, type Variables } from "../../config/variable.ts";
import type { Capture, Plugin } from "../plugin.ts";
import { createAskContainers } from "./ask-containers.ts";
import { containerPoints, METRICS } from "./container-points.ts";
import { createEngine } from "./engine.ts";
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

/** Memory, CPU time and more of the running containers, from the Engine API of Docker or Podman. */
export const docker: Plugin<typeof variables> = {
  variables,
  create(values, io) {
    const engine = createEngine(io, values.socketPath);
    const wanted = new Set(values.metrics);
    const ask = createAskContainers(engine, wanted, io.monotonic);

    return {
      async collect(at, signal) {
        const containers = await engine.running(signal);
        if (containers === undefined) return noEngine(values.socketPath);
        if (containers.length === 0) return NONE_RUNNING;

        const answers = await ask(containers, signal);
        const points = answers.flatMap((answer) => containerPoints(answer, wanted, at));
        return { points, ...(await shortcomings(io, answers, points, wanted)) };
      },
    };
  },
};

const NONE_RUNNING: Capture = {
  points: [],
  reason: "no container is running",
  remedy: "docker ps -a   # which there are; docker start NAME starts one",
};

function noEngine(socketPath: string): Capture {
  return {
    points: [],
    reason: `no Docker here (no ${socketPath})`,
    remedy:
      "for Podman: sudo systemctl enable --now podman.socket, and DOCKER_SOCKET_PATH=/run/podman/podman.sock; in a container, give it the socket: docker run -v /var/run/docker.sock:/var/run/docker.sock …",
  };
}
