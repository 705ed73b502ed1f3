import { lineOf, plainLineOf } from "./dogstatsd-setup.ts";

/**
 * Sends packets to a UDP port: `bun dogstatsd-sender.ts PORT RATE SECONDS LINES [plain]`, RATE 0 as fast as it can, LINES in each packet,
 * of 1000 series; plain: without tags, as StatsD knows none. Prints how many were sent.
 */
const [port, rate, seconds, lines] = process.argv.slice(2, 6).map(Number) as [number, number, number, number];

const textOf = process.argv[6] === "plain" ? plainLineOf : lineOf;
const BATCH = 64;
const packets = Array.from({ length: 1000 }, (_, index) =>
  Buffer.from(Array.from({ length: lines }, (_, line) => textOf((index + line) % 1000)).join("\n")),
);
const socket = await Bun.udpSocket({});
let [sent, next] = [0, 0];
const begin = performance.now();
for (;;) {
  const passed = (performance.now() - begin) / 1000;
  if (passed >= seconds) break;
  const due = rate === 0 ? BATCH : Math.min(BATCH, Math.floor(passed * rate) - sent);
  if (due <= 0) {
    await Bun.sleep(rate < 5000 ? 1 : 0);
    continue;
  }
  const batch: (Buffer | number | string)[] = [];
  for (let index = 0; index < due; index++) batch.push(packets[next++ % 1000] as Buffer, port, "127.0.0.1");
  const taken = socket.sendMany(batch);
  sent += taken;
  if (taken < due) await Bun.sleep(0);
}
console.log(JSON.stringify({ sent }));
socket.close();
