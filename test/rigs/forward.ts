import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes every connection on to the one that `open` opens. */
export function forwardTo(open: () => Socket): Server {
  return createServer((client) => {
    const upstream = open();
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
}

// As a program, in a network namespace: from a free port, which it prints, to the unix socket that is named.
if (import.meta.main) {
  const server = forwardTo(() => connect(process.argv[2] ?? ""));
  server.listen(0, "0.0.0.0", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") console.log(address.port);
  });
}
