import { PluginError } from "../../errors.ts";
import type { Io, JsonRequest } from "../plugin.ts";

/** Where a pod finds the token of its service account, and beside it the authority of its cluster. */
const MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";

export type CredentialPaths = {
  certPath: string | undefined;
  keyPath: string | undefined;
  tokenPath: string | undefined;
  caPath: string | undefined;
  insecureTls: boolean | undefined;
};

/** How we show the kubelet who we are, and whether it must show who it is. */
export type Credentials = {
  tls: NonNullable<JsonRequest["tls"]>;
  headers: Readonly<Record<string, string>>;
};

/**
 * Reads the client certificate, or else the token; anew for every capture, since Kubernetes replaces tokens every hour.
 * Rejects with PluginError when a file that was named is not there or makes no sense.
 *
 * The kubelet is verified when an authority is known, K8S_CA_PATH or the one that is mounted into the pod. Without one it is
 * not: agents with a client certificate have always done so. A token is shown to a kubelet that nobody verified only if
 * K8S_INSECURE_TLS says so.
 */
export async function readCredentials(paths: CredentialPaths, io: Io): Promise<Credentials> {
  const cert = await readNamed("K8S_CERT_PATH", paths.certPath, io);
  const key = await readNamed("K8S_KEY_PATH", paths.keyPath, io);
  if ((cert === undefined) !== (key === undefined))
    throw new PluginError("K8S_CERT_PATH and K8S_KEY_PATH belong together", "set both of them, or none");

  const isMounted = paths.tokenPath === undefined && cert === undefined;
  const token = isMounted
    ? await read(`${MOUNTED}/token`, io)
    : await readNamed("K8S_TOKEN_PATH", paths.tokenPath, io);
  const ca = await readAuthority(paths, io);

  const verify = !(paths.insecureTls ?? ca === undefined);
  if (token !== undefined && !verify && paths.insecureTls !== true)
    throw new PluginError(
      "the token is not shown to a kubelet that nobody verified",
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

/** The mounted one is not even looked for when nobody is to be verified. */
async function readAuthority({ caPath, insecureTls }: CredentialPaths, io: Io): Promise<string | undefined> {
  if (caPath !== undefined) return readNamed("K8S_CA_PATH", caPath, io);
  return insecureTls === true ? undefined : read(`${MOUNTED}/ca.crt`, io);
}

async function readNamed(variable: string, path: string | undefined, io: Io): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await read(path, io);
  if (text === undefined)
    throw new PluginError(
      `${variable}: there is no ${path}`,
      `ls -l ${path}   # on the host, or in the agent's container`,
    );
  return text;
}

/** The host's file, else the agent's own: in a pod HOST_ROOT is elsewhere, and /proc/self/root is the pod's root. */
async function read(path: string, io: Io): Promise<string | undefined> {
  try {
    return (await io.readText(path)) ?? (await io.readText(`/proc/self/root${path}`));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new PluginError(said, `sudo setfacl -m u:chouette:r ${path}`);
  }
}

/** A token is one word; anything else would be refused as a header, in words that may show it. */
function asToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PluginError("the file of the token holds no token", "kubectl create token chouette > the file");
}
