import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { startIntake } from "../../../scripts/servers/intake.ts";
import { saying } from "../../helpers/saying.ts";
import { ACCEPTED, type Runtime, startTlsRig, type TlsRig } from "./tls-rig.ts";

let rig: TlsRig;
beforeAll(async () => {
  rig = await startTlsRig();
});
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

describe("TLS", () => {
  test.each<[string, Runtime]>([
    ["localhost", "bun"],
    ["127.0.0.1", "bun"],
    ["localhost", "node"],
  ])(
    "a certificate for %s of an authority in a file is trusted, with one connection kept (%s)",
    async (host, runtime) => {
      const before = rig.server.connections();
      const post = rig.startProgram({ url: `https://${host}:${rig.server.port}`, runtime });
      expect([await post(), await post(), await post()]).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
      // The first one finds that the authorities built into the runtime do not suffice.
      expect(rig.server.connections() - before).toBe(2);
    },
  );

  test("a certificate of an unknown authority is not trusted, and the error says how to name the authority", async () => {
    const post = rig.startProgram({ url: `https://localhost:${rig.server.port}`, trusted: false });
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(
        `the certificate of localhost:${rig.server.port}`,
        "SSL_CERT_FILE=",
        "(DEPTH_ZERO_SELF_SIGNED_CERT)",
      ),
    });
  });

  test("a server that does not speak TLS is named as such", async () => {
    const plain = await startIntake();
    rig.later(plain.stop);
    expect(await rig.startProgram({ url: `https://localhost:${plain.port}` })()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(`localhost:${plain.port} does not speak TLS`, "DATADOG_LOGS_URL"),
    });
  });
});
