import type { Socket } from "node:dgram";

/** Milliseconds without a datagram that show the kernel holds none, and how often a busy sender can prolong them. */
const SPELL = 5;
const MOST_SPELLS = 100;

/** Closes a socket after reading what the kernel already holds for it, which its senders take for received. */
export async function closeDatagrams(socket: Socket): Promise<void> {
  let came = true;
  socket.on("message", () => {
    came = true;
  });
  for (let spell = 0; came && spell < MOST_SPELLS; spell++) {
    came = false;
    await new Promise((resolve) => setTimeout(resolve, SPELL));
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}
