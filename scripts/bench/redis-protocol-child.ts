import { listenResp } from "../../src/resp/listen.ts";

/** The protocol of Redis alone: `bun redis-protocol-child.ts PATH` answers at once and stores nothing. */
const [path = ""] = process.argv.slice(2);
const storage = { commit: async () => {} };
await listenResp({ path }, { storage, password: undefined, now: () => Date.now() / 1000 });
process.stdout.write("listening\n");
