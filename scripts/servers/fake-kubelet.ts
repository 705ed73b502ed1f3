import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

export type FakeKubelet = {
  port: number;
  /** Requests such as `GET /stats/summary`, in order of arrival. */
  requests: string[];
  [Symbol.asyncDispose](): Promise<void>;
};

export type KubeletOptions = {
  /** Body of `/stats/summary` for authorized clients. */
  summary: unknown;
  /** The only valid token, of a service account that may read `nodes/stats`. */
  token?: string;
  /** A valid token without the right to read `nodes/stats`. */
  powerlessToken?: string;
  /** Aborts the handshake with clients without a certificate of the cluster, as the API server's proxy may. */
  strict?: boolean;
};

/**
 * Starts a kubelet over TLS on a free port of 127.0.0.1, as strict as a real one: it requests a client certificate without requiring
 * it, and answers 401 or 403 in plain text to unknown and unauthorized clients.
 */
export async function startFakeKubelet(pki: Pki, options: KubeletOptions): Promise<FakeKubelet> {
  const requests: string[] = [];
  const tls: ServerOptions = {
    cert: pki.read("server.crt"),
    key: pki.read("server.key"),
    ca: pki.read("ca.crt"),
    requestCert: true,
    rejectUnauthorized: options.strict ?? false,
  };
  const server = createServer(tls, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const token = request.headers.authorization?.replace("Bearer ", "");
    const known =
      (request.socket as TLSSocket).authorized || (token !== undefined && token === options.token);
    if (known) answer(response, 200, "application/json", JSON.stringify(options.summary));
    else if (token !== undefined && token === options.powerlessToken)
      answer(
        response,
        403,
        "text/plain",
        "Forbidden (user=system:serviceaccount:default:chouette, verb=get, resource=nodes, subresource=[stats])",
      );
    else answer(response, 401, "text/plain", "Unauthorized");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type }).end(body);
}

/** Makes certificates in a folder: `ca`, `server` (for 127.0.0.1) and `client` signed by it, `rogue`, and `outsider` signed by that. */
export type Pki = {
  path(name: string): string;
  read(name: string): string;
  [Symbol.dispose](): void;
};

export function createPki(): Pki {
  const folder = mkdtempSync(join(tmpdir(), "chouette-pki-"));
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const newKey = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-subj",
    `/CN=${name}`,
  ];
  const authority = (name: string) =>
    openssl("req", "-x509", ...newKey(name), "-out", `${name}.crt`, "-days", "1");
  const leaf = (name: string, ca: string, extensions: string) => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl("req", ...newKey(name), "-out", `${name}.csr`);
    const signer = ["-CA", `${ca}.crt`, "-CAkey", `${ca}.key`, "-CAcreateserial"];
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...signer,
      "-out",
      `${name}.crt`,
      "-days",
      "1",
      "-extfile",
      `${name}.ext`,
    );
  };
  authority("ca");
  authority("rogue");
  leaf("server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n");
  leaf("client", "ca", "extendedKeyUsage=clientAuth\n");
  leaf("outsider", "rogue", "extendedKeyUsage=clientAuth\n");
  return {
    path: (name) => join(folder, name),
    read: (name) => readFileSync(join(folder, name), "utf8"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
