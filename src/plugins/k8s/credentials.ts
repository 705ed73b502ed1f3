import { PluginError } from "../../errors.ts";
import { allowReading } from "../advice.ts";
import type { Io, JsonRequest } from "../plugin.ts";

/** Folder in a pod with the token of its service account and the certificate authority of its cluster. */
const MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";

export type CredentialPaths = {
  certPath: string | undefined;
  keyPath: string | undefined;
  tokenPath: string | undefined;
  caPath: string | undefined;
  insecureTls: boolean | undefined;
};

/** The agent's credentials for the kubelet, and whether the kubelet is verified. */
export type Credentials = {
  tls: NonNullable<JsonRequest["tls"]>;
  headers: Readonly<Record<string, string>>;
};

/**
 * Reads the client certificate, or else the token. To be called for every capture, since Kubernetes replaces tokens every hour.
 * Rejects with PluginError when a configured file is missing or invalid.
 *
 * The kubelet is verified when an authority is known: K8S_CA_PATH or the one mounted into the pod. Without one it is not, as
 * agents with a client certificate have always done. A token is sent to an unverified kubelet only with K8S_INSECURE_TLS.
 */
export async function readCredentials(paths: CredentialPaths, io: Io): Promise<Credentials> {
  const cert = await readNamed("K8S_CERT_PATH", paths.certPath, io);
  const key = await readNamed("K8S_KEY_PATH", paths.keyPath, io);
  if ((cert === undefined) !== (key === undefined))
    throw new PluginError("only one of K8S_CERT_PATH and K8S_KEY_PATH is set", "set both of them, or none");

  const isMounted = paths.tokenPath === undefined && cert === undefined;
  const token = isMounted
    ? await read(`${MOUNTED}/token`, io)
    : await readNamed("K8S_TOKEN_PATH", paths.tokenPath, io);
  const ca = await readAuthority(paths, io);

  const verify = !(paths.insecureTls ?? ca === undefined);
  if (token !== undefined && !verify && paths.insecureTls !== true)
    throw new PluginError(
      "the token is not sent to an unverified kubelet",
      "set K8S_CA_PATH to the authority that signed the kubelet's certificate, or K8S_INSECURE_TLS=true",
    );
  return {
    tls: {
      verify,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    },
    headers: token === undefined ? {} : { authorization: `Bearer ${asToken(token)}` },
  };
}

/** Returns the authority; does not look for the mounted one when verification is off. */
async function readAuthority({ caPath, insecureTls }: CredentialPaths, io: Io): Promise<string | undefined> {
  if (caPath !== undefined) return readNamed("K8S_CA_PATH", caPath, io);
  return insecureTls === true ? undefined : read(`${MOUNTED}/ca.crt`, io);
}

async function readNamed(variable: string, path: string | undefined, io: Io): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await read(path, io);
  if (text === undefined)
    throw new PluginError(
      `${variable}: ${path} does not exist`,
      `ls -l ${path}   # on the host, or in the agent's container`,
    );
  return text;
}

/** Reads the host's file, or else the agent's: in a pod HOST_ROOT is elsewhere, and /proc/self/root is the pod's root. */
async function read(path: string, io: Io): Promise<string | undefined> {
  try {
    return (await io.readText(path)) ?? (await io.readText(`/proc/self/root${path}`));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new PluginError(said, allowReading(io.place(), path));
  }
}

/** Returns the token, which must be one word: as a header anything else would be rejected with an error that may show it. */
function asToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PluginError(
    "the token file does not contain a token",
    "kubectl create token chouette > the file",
  );
}
