import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Ends once the agent has read all of it. */
const SEND = `
import fcntl, socket, struct, sys, termios
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.connect(sys.argv[1])
for _ in range(300): unix.send(b"unix.count:1|c")
unix.send(b"")
unix.send(b"unix.count:1|c")
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port = int(sys.argv[2])
for _ in range(100): udp.sendto(b"udp.count:1|c", ("127.0.0.1", port))
def waiting():
    rows = [line.split() for line in open("/proc/net/udp")]
    queued = [row[4] for row in rows if row[1].endswith(":%04X" % port)]
    return struct.unpack("i", fcntl.ioctl(unix, termios.TIOCOUTQ, b"    "))[0] or any(not one.endswith(":00000000") for one in queued)
while waiting(): pass
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

  test("outlive reloads that turn DogStatsD off, move its port and turn it on again", async () => {
    const stage = await setUp(sqliteQueues);
    const [port, other] = [await freeUdpPort(), await freeUdpPort()];
    const path = `/dev/shm/chouette-test-${crypto.randomUUID()}.sock`;
    const file = join(stage.queues.dir, "chouette.env");
    const write = (more: Record<string, string>) => {
      const all = { ...stage.env, AGGREGATE_INTERVAL: "3600", RELEASE_INTERVAL: "3600", ...more };
      writeFileSync(
        file,
        Object.entries(all)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(""),
      );
    };
    const prefix = ["python3", "-c", ACTIVATE, path, `${port}`, "as systemd"];
    write({});
    const agent = await startAgent(["run", "--env-file", file], {}, { prefix });
    await agent.logged(`UDP 127.0.0.1:${port}`);
    const reload = async (more: Record<string, string>) => {
      write(more);
      const reloaded = agent.next("configuration reloaded");
      process.kill(agent.pid, "SIGHUP");
      await reloaded;
    };
    const send = (to: number) => expect(spawnSync("python3", ["-c", SEND, path, `${to}`]).status).toBe(0);
    const total = (name: string) => stage.intake.sumOf(name);
    send(port);
    await reload({ DOGSTATSD: "false" });
    // Nobody waits for an agent that does not listen: what is sent now is read and thrown away.
    send(port);
    send(port);
    await reload({ DOGSTATSD_PORT: `${other}` });
    send(other);
    await reload({});
    send(port);
    agent.kill("SIGTERM");
    expect((await agent.ended).code).toBe(0);
    expect([total("unix.count"), total("udp.count")]).toEqual([3 * 301, 3 * 100]);
  });

  test("are refused with what to change when a read could block", async () => {
    const { agent } = await start({}, "blocking");
    const { code, stderr } = await agent.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("NonBlocking=yes");
  });
});
