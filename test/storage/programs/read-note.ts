/** Prints the note `name` of the Redis at the URL in the first argument, or the error. */
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { openRedis } from "../../../src/storage/redis/redis.ts";

const storage = openRedis(parseRedisUrl(process.argv[2] ?? ""), {
  now: () => 0,
  ownerIsGone: () => false,
  onState: () => {},
});
console.log(await storage.note("name").catch((error: Error) => error.message));
await storage.close();
