/** Prints the note `name` of the Redis at the URL in the first argument, or the error; the second names a file of authorities. */
import { parseRedisUrl } from "../../../src/redis/address.ts";
import { openStorage } from "../../../src/storage/open.ts";

const [url = "", caFile] = process.argv.slice(2);
const address = { ...parseRedisUrl(url), caFiles: caFile === undefined ? [] : [caFile] };
const storage = await openStorage(
  { type: "redis", address, named: undefined, userRuntime: undefined, maxRecords: 1000 },
  {
    now: () => 0,
    monotonic: () => 0,
    warn: () => {},
    onState: () => {},
    onCard: () => {},
    onOverflow: () => {},
  },
  "reader",
);
console.log(await storage.note("name").catch((error: Error) => error.message));
await storage.close();
