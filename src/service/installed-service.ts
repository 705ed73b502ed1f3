import { coreVariables } from "../config/config.ts";
import { type Env, normalizeEnv } from "../config/variable.ts";
import { codeOf, inWords } from "../io/system-errors.ts";
import type { Call } from "../start/call.ts";
import { KNOWN_NAMES, readEnvFile } from "../start/configuration.ts";
import type { Machine, World } from "../start/world.ts";
import { type Account, findAccount, groupsOf } from "./passwd.ts";
import { parseUnit, UNIT_PROPERTIES, type Unit } from "./unit.ts";

/** The service of this machine, and what it works with. */
export type InstalledService = {
  unit: Unit;
  /** Undefined where the machine knows no such user. */
  account: Account | undefined;
  /** Groups of that user beside its own, and those that the unit adds. */
  groups: readonly string[];
  /** Its environment without its env file, and over it what the caller's environment says. */
  env: Env;
  /** The caller's variables among them. */
  overrides: readonly string[];
};

export const UNIT = "chouette.service";

const ENV_FILE = "/etc/chouette/chouette.env";

/** Where the unit's LoadCredential= takes the API key from; systemctl calls that property unprintable. */
const CREDENTIALS = "/etc/chouette";

/**
 * The service, when the call is about it: `flush`, `inspect-queue` and `test-plugins` without `--env-file`, and every command with
 * the service's own file. Who says in the environment where the queues are means those. Undefined when something else is
 * meant or there is no service; `note` is told why where that may surprise. Throws when root has to type it.
 */
export async function findService(
  call: Call,
  { env: environment, machine, note }: Pick<World, "env" | "machine" | "note">,
): Promise<InstalledService | undefined> {
  const env = normalizeEnv(environment);
  const places = PLACES.filter((name) => env[name] !== undefined);
  const implicit = call.envFile === undefined;
  if (implicit ? call.command === "run" : places.length > 0) return undefined;

  const access = accessTo(ENV_FILE, machine);
  if (access === "absent") return undefined;
  if (places.length > 0) {
    note(`using ${places.join(", ")} of the environment, nothing of the service's ${ENV_FILE}\n`);
    return undefined;
  }
  if (access === "forbidden" && (implicit || call.envFile === ENV_FILE)) {
    const why = `The service's ${ENV_FILE} may not be read by this user`;
    const remedy = `Type: sudo chouette ${call.command}`;
    if (!implicit || call.command !== "test-plugins") throw new Error(`${why}. ${remedy}`);
    note(`${why}, so these are the defaults and what this user may see. ${remedy}\n`);
    return undefined;
  }

  const unit = await unitOf(machine).catch((error: unknown) => inWords(error));
  if (unit === undefined || typeof unit === "string") {
    const why = unit ?? `systemd knows no ${UNIT}`;
    if (implicit) note(`${ENV_FILE} is not used, as ${why}; name it: --env-file ${ENV_FILE}\n`);
    return undefined;
  }
  const files = [unit.envFile, ...unit.environmentFiles.map(({ path }) => path)];
  if (!implicit && !files.includes(call.envFile)) return undefined;
  return serviceOf(unit, await accountOf(unit, machine), env, machine);
}

/** Variables that say where the queues are. */
const PLACES = (["storageType", "redisUrl", "redisHost", "stateDirectory"] as const).flatMap(
  (key): readonly string[] => coreVariables[key].names,
);

function accessTo(
  path: string,
  { readText }: Pick<Machine, "readText">,
): "readable" | "forbidden" | "absent" {
  try {
    readText(path);
    return "readable";
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (["ENOENT", "ENOTDIR"].includes(code)) return "absent";
    return ["EACCES", "EPERM"].includes(code) ? "forbidden" : "readable";
  }
}

async function unitOf({ showUnit }: Machine): Promise<Unit | undefined> {
  return parseUnit(await showUnit(UNIT, UNIT_PROPERTIES));
}

/** The account of the unit's user, from /etc/passwd or else from where the machine has others (LDAP). */
async function accountOf(unit: Unit, { readText, getent }: Machine): Promise<Account | undefined> {
  const user = unit.user || "root";
  const found = findAccount(readText("/etc/passwd"), user);
  return found ?? findAccount(await getent("passwd", user).catch(() => ""), user);
}

function serviceOf(
  unit: Unit,
  account: Account | undefined,
  callers: Env,
  { readText }: Machine,
): InstalledService {
  const own = Object.entries(callers).filter(([name]) => !NOT_THE_CALLERS.includes(name));
  const groups = account === undefined ? [] : groupsOf(readText("/etc/group"), account.name);
  return {
    unit,
    account,
    groups: [...groups, ...unit.supplementaryGroups],
    env: {
      ...normalizeEnv(unit.env),
      ...environmentFiles(unit, readText),
      ...Object.fromEntries(own),
      CREDENTIALS_DIRECTORY: CREDENTIALS,
    },
    overrides: own.map(([name]) => name).filter((name) => KNOWN_NAMES.includes(name)),
  };
}

/**
 * HOST is also a variable of shells (tcsh exports it): what waits in the service's queues is sent under the service's. The
 * other two say where things of the caller are.
 */
const NOT_THE_CALLERS = ["HOST", "XDG_STATE_HOME", "CREDENTIALS_DIRECTORY"];

function environmentFiles({ environmentFiles }: Unit, readText: Machine["readText"]): Env {
  const files = environmentFiles.filter(
    ({ path, optional }) => !optional || accessTo(path, { readText }) === "readable",
  );
  return Object.assign({}, ...files.map(({ path }) => normalizeEnv(readEnvFile(path, readText))));
}
