export type LogName = { container: string; pod: string; namespace: string };

/**
 * Containers by id from the names of the links in /var/log/containers, `<pod>_<namespace>_<container>-<id>.log`
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node); other names are passed over.
 */
export function parseContainerLogs(names: readonly string[]): Map<string, LogName> {
  const logs = new Map<string, LogName>();
  for (const name of names) {
    const match = /^([^_]+)_([^_]+)_([^_]+)-([0-9a-f]{64})\.log$/.exec(name);
    const [pod, namespace, container, id] = match?.slice(1) ?? [];
    if (pod !== undefined && namespace !== undefined && container !== undefined && id !== undefined)
      logs.set(id, { container, pod, namespace });
  }
  return logs;
}

/** Pods by uid from the names of the directories in /var/log/pods, `<namespace>_<pod>_<uid>`. */
export function parsePodLogs(names: readonly string[]): Map<string, Omit<LogName, "container">> {
  const pods = new Map<string, Omit<LogName, "container">>();
  for (const name of names) {
    const [namespace, pod, uid, ...more] = name.split("_");
    if (namespace !== undefined && pod !== undefined && uid !== undefined && more.length === 0)
      pods.set(uid, { pod, namespace });
  }
  return pods;
}
