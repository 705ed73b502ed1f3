import type { Place } from "./plugin.ts";

const RESTART = "sudo systemctl restart chouette";

/** Returns what to type so that the agent may use what belongs to a group: `path` is that, a socket or a device. */
export function joinGroup(place: Place, group: string, path: string): string {
  if (place.container)
    return `on the host: stat -c %g ${path}   # this number into group_add: of the compose file, or docker run --group-add NUMBER`;
  return isService(place)
    ? `sudo usermod -aG ${group} chouette && ${RESTART}`
    : `sudo usermod -aG ${group} ${place.user ?? "$USER"}, then log in again`;
}

/** Returns what to type so that the agent may read a file. */
export function allowReading(place: Place, path: string): string {
  if (place.container)
    return `on the host: sudo setfacl -m u:${place.uid}:r ${path}   # the user of the container: id -u in it`;
  return `sudo setfacl -m u:${place.user ?? place.uid}:r ${path}`;
}

/** Returns a command as the agent runs it: by its user, in an empty environment. */
export function asAgent(place: Place, command: string): string {
  if (place.container) return `docker exec CONTAINER env -i ${command}`;
  return isService(place) ? `sudo -u chouette env -i ${command}` : `env -i ${command}`;
}

function isService({ user }: Place): boolean {
  return user === "chouette";
}
