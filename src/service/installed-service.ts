import { coreVariables } from "../config/config.ts";
import { type Env, normalizeEnv } from "../config/variable.ts";
import { type Account, findAccount, groupsOf } from "../io/passwd.ts";
import { codeOf, inWords } from "../io/system-errors.ts";
import type { Call } from "../start/command-line.ts";
import { KNOWN_NAMES, readEnvFile } from "../start/configuration.ts";
import type { Machine, World } from "../start/world.ts";
import { parseUnit, UNIT_PROPERTIES, type Unit } from "./unit.ts";

/** The installed service and its settings. */
export type InstalledService = {
  unit: Unit;
  /** Undefined when the user is unknown on this machine. */
  account: Account | undefined;
  /** The supplementary groups of that user and of the unit. */
  groups: readonly string[];
  /** Its environment without its env file, overridden by the caller's environment. */
  env: Env;
  /** The caller's variables in it. */
  overrides: readonly string[];
};

export const UNIT = "chouette.service";

const ENV_FILE = "/etc/chouette/chouette.env";

/** The file of the unit's LoadCredential=, a property that systemctl does not print. */
const CREDENTIALS = "/etc/chouette";

/**
 * Finds the service when the call is about it: `flush`, `inspect-queue` and `test-plugins` without `--env-file`, and any command
 * with the service's file. Variables that name other queues take precedence. Undefined when the call is not about the service or
 * there is none; `note` gets the reason if that may surprise. Throws when only root may run the command.
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
    const why = `The service's ${ENV_FILE} is not readable by this user`;
    const remedy = `Type: sudo chouette ${call.command}`;
    if (!implicit || call.command !== "test-plugins") throw new Error(`${why}. ${remedy}`);
    note(`${why}; using the defaults and this user's permissions. ${remedy}\n`);
    return undefined;
  }

  const unit = await unitOf(machine).catch((error: unknown) => inWords(error));
  if (unit === undefined || typeof unit === "string") {
    const why = unit ?? `systemd knows no ${UNIT}`;
    if (implicit) note(`${ENV_FILE} is not used, because ${why}; to use it: --env-file ${ENV_FILE}\n`);
    return undefined;
  }
  const files = [unit.envFile, ...unit.environmentFiles.map(({ path }) => path)];
  if (!implicit && !files.includes(call.envFile)) return undefined;
  return serviceOf(unit, await accountOf(unit, machine), env, machine);
}

/** Variables that locate the queues. */
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

/** Finds the account of the unit's user in /etc/passwd, or else with getent (LDAP). */
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
 * Variables of the caller that do not override the service's: shells set HOST (tcsh exports it), but the service's queues are sent
 * under the service's host. The others locate the caller's files.
 */
const NOT_THE_CALLERS = ["HOST", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"];

function environmentFiles({ environmentFiles }: Unit, readText: Machine["readText"]): Env {
  const files = environmentFiles.filter(
    ({ path, optional }) => !optional || accessTo(path, { readText }) === "readable",
  );
  return Object.assign({}, ...files.map(({ path }) => normalizeEnv(readEnvFile(path, readText))));
}
