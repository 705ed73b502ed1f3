import type { Config } from "../config/config.ts";
import { inWords } from "../io/system-errors.ts";
import type { Call } from "../start/command-line.ts";
import { configOf } from "../start/configuration.ts";
import type { Machine, World } from "../start/world.ts";
import { type InstalledService, UNIT } from "./installed-service.ts";

/**
 * Returns the call, the world and the configuration of the service. Switches from root to the service's user after reading what
 * only root can read, so that new files belong to that user and the command sees what the service can see. Notes in a line what
 * is used. Throws ConfigError, or an Error when another user must not use the queues.
 */
export function enterService(
  service: InstalledService,
  typed: Call,
  outside: World,
): { call: Call; world: World; config: Config } {
  const { envFile } = service.unit;
  const call = { ...typed, envFile };
  const world = { ...outside, env: service.env, home: service.account?.home };
  const tell = (...details: string[]) => {
    const others = typed.envFile === undefined ? " (others: --env-file FILE)" : "";
    world.note(`using the service's ${[envFile ?? UNIT, ...details].join("")}${others}\n`);
  };
  let config: Config;
  try {
    config = configOf(call, world);
  } catch (error) {
    tell();
    throw error;
  }
  const user =
    world.machine.uid === 0 ? stepDown(service, call, world.machine) : stay(service, call, config, world);
  tell(queuesOf(call, config), overridesOf(service), user);
  const uid = world.machine.uid === 0 ? (service.account?.uid ?? 0) : world.machine.uid;
  return { call, world: { ...world, machine: { ...world.machine, uid } }, config };
}

function queuesOf(call: Call, { storage }: Config): string {
  if (!touchesQueues(call)) return "";
  return ` and ${storage.type === "sqlite" ? storage.directory : storage.address.where}`;
}

function touchesQueues(call: Call): boolean {
  return !(call.command === "test-plugins" || (call.command === "run" && (call.dryRun || call.check)));
}

function overridesOf({ overrides }: InstalledService): string {
  return overrides.length === 0 ? "" : `, ${overrides.join(", ")} of the environment`;
}

/** Switches from root to the service's user; returns how the note mentions that. */
function stepDown(
  { unit, account, groups }: InstalledService,
  { command }: Call,
  { become }: Machine,
): string {
  if (account === undefined)
    throw new Error(
      `The service's user ${unit.user} is not known on this machine, and root does not take its place. Type: getent passwd ${unit.user}; if that prints nothing, correct User= (sudo systemctl edit chouette)`,
    );
  const { name, uid } = account;
  if (uid === 0) return ", as root";
  const gid = unit.group || account.gid;
  try {
    become({ uid, gid, groups: [gid, ...groups] });
  } catch (error) {
    throw new Error(
      `root cannot become the service's user ${name}: ${inWords(error)}. Type: sudo -u ${name} chouette ${command}`,
    );
  }
  return `, as user ${name}`;
}

/** Checks what a user other than root may do; returns how the note mentions that. */
function stay({ account }: InstalledService, call: Call, { storage }: Config, { machine }: World): string {
  if (account === undefined || account.uid === machine.uid) return "";
  const remedy = `sudo chouette ${call.command}`;
  if (!touchesQueues(call)) return `, with this user's permissions; for those of ${account.name}: ${remedy}`;
  if (storage.type === "redis") return "";
  const { directory } = storage;
  throw new Error(`The service's queues in ${directory} belong to user ${account.name}. Type: ${remedy}`);
}
