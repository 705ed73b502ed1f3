/** An intake with TLS, and processes that trust its authority or do not. */
import { expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IntakeServer, startIntake } from "../../../scripts/servers/intake.ts";
import { intakeUrls } from "../../../src/config/intake-urls.ts";
import type { Delivery } from "../../../src/datadog/delivery.ts";
import type { Proxies } from "../../../src/datadog/http/proxy.ts";
import { wasmBundle } from "../../helpers/wasm-bundle.ts";

export const ACCEPTED: Delivery = { outcome: "accepted", status: 202, error: "" };

export type Runtime = "bun" | "node";

export type Program = {
  url: string;
  /** By default the certificate of the intake is a trusted authority. */
  trusted?: boolean;
  requestTimeout?: number;
  proxy?: Proxies;
  runtime?: Runtime;
};

export type TlsRig = {
  tls: { key: string; cert: string };
  server: IntakeServer;
  /** Starts a process with an intake of its own. What the result resolves to is a Delivery of that process. */
  startProgram(program: Program): () => Promise<Delivery>;
  /** Is run by `cleanUp`. */
  later(end: () => Promise<unknown>): void;
  /** Ends what a test has started. */
  cleanUp(): Promise<void>;
  stop(): Promise<void>;
};

const PROGRAM = join(import.meta.dir, "intake-program.ts");

export async function startTlsRig(): Promise<TlsRig> {
  const folder = mkdtempSync(join(tmpdir(), "chouette-tls-"));
  const tls = makeCertificate(folder);
  const server = await startIntake({ tls });
  const programs: Record<Runtime, string[]> = {
    bun: [process.execPath, PROGRAM],
    node: ["node", await wasmBundle(PROGRAM, "esm")],
  };
  const ends: (() => Promise<unknown>)[] = [];
  return {
    tls,
    server,
    startProgram: ({ url, trusted = true, requestTimeout = 10, proxy, runtime = "bun" }) => {
      const child = Bun.spawn(programs[runtime], {
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
        env: {
          INTAKE_OPTIONS: JSON.stringify({ ...optionsFor(url), requestTimeout, ...(proxy && { proxy }) }),
          ...(trusted && { CA_FILES: join(folder, "cert.pem") }),
          // A switch of both runtimes that must not have an effect.
          NODE_TLS_REJECT_UNAUTHORIZED: "0",
        },
      });
      const lines = linesOf(child.stdout);
      ends.push(async () => {
        child.stdin.end();
        expect(await child.exited).toBe(0);
      });
      return async () => {
        child.stdin.write("post\n");
        child.stdin.flush();
        return JSON.parse((await lines.next()).value ?? "null");
      };
    },
    later: (end) => void ends.push(end),
    cleanUp: async () => {
      for (const end of ends.splice(0)) await end();
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A certificate for intake.test and this machine that is its own authority. */
function makeCertificate(folder: string): { key: string; cert: string } {
  const { exitCode, stderr } = Bun.spawnSync(
    [
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=intake.test"],
      ...["-addext", "subjectAltName=DNS:intake.test,DNS:localhost,IP:127.0.0.1"],
    ],
    { cwd: folder },
  );
  if (exitCode !== 0) throw new Error(stderr.toString());
  return {
    key: readFileSync(join(folder, "key.pem"), "utf8"),
    cert: readFileSync(join(folder, "cert.pem"), "utf8"),
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

function optionsFor(url: string) {
  return {
    urls: intakeUrls({ metrics: `${url}/api`, logs: url }, { metrics: 1, logs: 2 }),
    apiKey: "test-key",
    version: "1.2.3",
  };
}
