import type { Config } from "../../src/config/config.ts";
import type { Env } from "../../src/config/variable.ts";
import type { NewUser } from "../../src/io/become-user.ts";
import { enterService } from "../../src/service/enter-service.ts";
import { findService } from "../../src/service/installed-service.ts";
import { builtInPlugins } from "../../src/start/built-in-plugins.ts";
import { parseCall } from "../../src/start/call.ts";
import type { World } from "../../src/start/world.ts";
import { ALL_QUEUES } from "../../src/storage/storage.ts";
import { explain } from "../../src/terminal/explain-error.ts";
import { KEY } from "../config/load.ts";

export const ENV_FILE = "/etc/chouette/chouette.env";

/** What `systemctl show chouette.service` prints of the installed unit. */
export const SHOWN = `LoadState=loaded
User=chouette
Group=chouette
SupplementaryGroups=
Environment=
StateDirectory=chouette
ExecStart={ path=/usr/local/bin/chouette ; argv[]=/usr/local/bin/chouette run --env-file ${ENV_FILE} ; ignore_errors=no ; pid=0 }
`;

/** Texts by path, or the code of the error for what cannot be read. */
export type Files = Readonly<Record<string, string | { code: string }>>;

export const FILES: Files = {
  [ENV_FILE]: "COLLECT_PLUGINS=host\nHOST=attic\n",
  "/etc/chouette/api_key": `${KEY}\n`,
  "/etc/passwd": `root:x:0:0:root:/root:/bin/bash
chouette:x:998:997::/var/lib/chouette:/usr/sbin/nologin
pi:x:1000:1000:::
`,
  "/etc/group": "docker:x:990:pi,chouette\nvideo:x:44:pi\n",
};

export type Beside = {
  uid?: number;
  env?: Env;
  files?: Files;
  shown?: string | Error;
  become?: () => void;
  /** What `getent passwd` prints, by user. */
  found?: Readonly<Record<string, string>>;
};

export type Typed = {
  /** Standard error. */
  said: string;
  /** The configuration of the service; undefined when nothing of it is used. */
  config: Config | undefined;
  /** How often systemd was asked. */
  asked: number;
  /** Whom root became. */
  became: NewUser[];
};

/** What the words come to, on a machine with these files: by root and with the installed unit unless said otherwise. */
export async function typedBesideService(words: string, beside: Beside = {}): Promise<Typed> {
  const { uid = 0, env = {}, files = FILES, shown = SHOWN, become, found = {} } = beside;
  const typed: Typed = { said: "", config: undefined, asked: 0, became: [] };
  const note = (text: string) => {
    typed.said += text;
  };
  const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
  const call = parseCall(words.split(" "), "1.2.3", known, { print: note, note });
  if (typeof call === "number") throw new Error(typed.said);
  const world: World = {
    version: "1.2.3",
    env,
    hostname: () => "pi4",
    home: "/home/pi",
    machine: {
      uid,
      readText: (path) => {
        const text = files[path] ?? { code: "ENOENT" };
        if (typeof text === "string") return text;
        throw Object.assign(new Error(text.code), text);
      },
      showUnit: async () => {
        typed.asked++;
        if (typeof shown === "string") return shown;
        throw shown;
      },
      getent: async (_, key) => found[key] ?? "",
      become: (user) => {
        become?.();
        typed.became.push(user);
      },
    },
    stop: new AbortController().signal,
    onHangup: () => {},
    uncaught: () => {},
    print: note,
    note,
    terminal: { out: false, error: false, width: Number.POSITIVE_INFINITY },
    importModule: () => Promise.reject(new Error("there are no modules")),
  };
  try {
    const service = await findService(call, world);
    if (service !== undefined) typed.config = enterService(service, call, world).config;
  } catch (error) {
    note(`${explain(error)}\n`);
  }
  return typed;
}
