import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

/** Does what systemd does for chouette-dogstatsd.socket: the unix socket is descriptor 3, the UDP socket 4. */
const ACTIVATE = `
import os, socket, sys
path, port, blocking = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "blocking"
if os.path.exists(path): os.remove(path)
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.bind(path)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", port))
for wanted, one in ((13, unix), (14, udp)):
    one.setblocking(blocking)
    os.dup2(one.fileno(), wanted)
os.dup2(13, 3); os.dup2(14, 4)
os.closerange(5, 20)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="dogstatsd:dogstatsd")
os.execvp(sys.argv[4], sys.argv[4:])
`;

const SEND = `
import socket, sys
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.connect(sys.argv[1])
for _ in range(300): unix.send(b"unix.count:1|c")
unix.send(b"")
unix.send(b"unix.count:1|c")
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(100): udp.sendto(b"udp.count:1|c", ("127.0.0.1", int(sys.argv[2])))
`;

async function start(more: Record<string, string> = {}, kind = "as systemd") {
  const stage = await setUp(sqliteQueues);
  const port = await freeUdpPort();
  const path = `/dev/shm/chouette-test-${crypto.randomUUID()}.sock`;
  const prefix = ["python3", "-c", ACTIVATE, path, `${port}`, kind];
  const env = { ...stage.env, DOGSTATSD: "true", ...more };
  return { stage, port, path, agent: await startAgent(["run"], env, { prefix }) };
}

const total = ({ intake }: Stage, name: string) =>
  [...(intake.series.get(`${name}|count|host:pi`)?.values() ?? [])].reduce((sum, value) => sum + value, 0);

describe("sockets that systemd passed", () => {
  test("are read, the unix socket with an empty datagram on the way, and let the agent end", async () => {
    const { stage, port, path, agent } = await start({ DOGSTATSD_SOCKET: "/run/chouette-dogstatsd.socket" });
    await agent.logged("unix datagram socket");
    await agent.logged(`UDP 127.0.0.1:${port}`);
    expect(spawnSync("python3", ["-c", SEND, path, `${port}`]).status).toBe(0);
    await arrived(
      stage,
      agent,
      () => total(stage, "unix.count") === 301 && total(stage, "udp.count") === 100,
    );
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
  });

  test("are refused with what to change when a read could block", async () => {
    const { agent } = await start({}, "blocking");
    const { code, stderr } = await agent.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("NonBlocking=yes");
  });
});
