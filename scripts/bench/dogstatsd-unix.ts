import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Runtime, settled, startReceiver } from "./dogstatsd-flood.ts";

/** Does what systemd does for chouette-dogstatsd.socket, with the queue of a machine whose first process is systemd. */
const ACTIVATE = `
import os, socket, sys
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.bind(sys.argv[1])
unix.setblocking(False)
os.dup2(unix.fileno(), 13); os.dup2(13, 3)
os.execvp(sys.argv[2], sys.argv[2:])
`;
const QUEUE = 'echo 512 >/proc/sys/net/unix/max_dgram_qlen && exec "$@"';

/** A client that does not wait: 20,000 packets a second for 3 seconds, of which it prints those that the kernel refused. */
const SEND = `
import socket, sys, time
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.connect(sys.argv[1])
unix.setblocking(False)
lost, begin = 0, time.perf_counter()
for sent in range(60000):
    while (time.perf_counter() - begin) * 20000 < sent: time.sleep(0.0002)
    try: unix.send(b"bench.requests:1|c|#zone:attic,app:camera")
    except BlockingIOError: lost += 1
print(lost / 60000)
`;

/** The share of packets to a unix datagram socket that was lost, and the share of a CPU that waiting for more takes. Needs root. */
export async function measureUnix(runtime: Runtime): Promise<{ lost: number; idle: number }> {
  const dir = mkdtempSync(join(tmpdir(), "chouette-unix-"));
  const path = join(dir, "dsd.sock");
  const activate = ["python3", "-c", ACTIVATE, path, ...runtime.command, "chouette", "0", "3"];
  const { ask, end } = await startReceiver(["unshare", "-n", "sh", "-c", QUEUE, "sh", ...activate]);
  const sender = Bun.spawn(["python3", "-c", SEND, path], { stdout: "pipe", stderr: "inherit" });
  const lost = Number(await new Response(sender.stdout).text());
  await settled(ask);
  const before = await ask();
  await Bun.sleep(5000);
  const after = await ask();
  await end();
  rmSync(dir, { recursive: true });
  return { lost, idle: (after.cpu - before.cpu) / 5e6 };
}
