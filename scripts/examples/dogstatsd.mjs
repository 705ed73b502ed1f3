// Sends a gauge, a count and a distribution to Chouette on this device, without a library: node dogstatsd.mjs
import { createSocket } from "node:dgram";

const port = Number(process.env.DD_DOGSTATSD_PORT ?? 8125);
const socket = createSocket("udp4");
// Nobody listens. The application continues.
socket.on("error", () => {});

/** Kinds: c (count), g (gauge), ms (timer), h (histogram), d (distribution), s (set). */
function send(metric, value, kind, tags = {}) {
  const tagged = Object.entries(tags).map(([name, tag]) => `${name}:${tag}`);
  const line = `${metric}:${value}|${kind}${tagged.length > 0 ? `|#${tagged.join(",")}` : ""}`;
  return new Promise((sent) => socket.send(line, port, "127.0.0.1", () => sent()));
}

await send("camera.frames", 30, "c", { camera: "door" });
await send("camera.buffer", 12, "g", { camera: "door" });
await send("camera.latency", 41.7, "d", { camera: "door" });
socket.close();
