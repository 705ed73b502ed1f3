import { LOGS, RAW, WRAPPED } from "../e2e/left-by-python.ts";
import type { NetworkedDocker } from "./networked-docker.ts";

/** Writes what an application and the Python agent leave in the Redis of a container, by Redis' own client: MULTI · ZADD · HSET · EXEC. */
export async function leaveBehind(engine: NetworkedDocker): Promise<void> {
  const queues = { "metrics:raw": RAW, "metrics:wrapped": WRAPPED, "logs:wrapped": LOGS };
  const commands = Object.entries(queues).flatMap(([queue, records]) =>
    records.flatMap(({ key, at, body }) => [
      "MULTI",
      `ZADD chouette:${queue}.keys ${at} ${key}`,
      `HSET chouette:${queue}.values ${key} ${JSON.stringify(body)}`,
      "EXEC",
    ]),
  );
  const id = await engine.docker("ps", "-q", "--filter", "ancestor=redis:7");
  const address = await engine.docker(
    "inspect",
    "-f",
    "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
    id,
  );
  const script = 'until redis-cli -h "$0" ping >/dev/null 2>&1; do :; done; exec redis-cli -h "$0"';
  await engine.run("sh", ["-c", script, address], { input: `${commands.join("\n")}\n` });
}
