/**
 * Who may import whom: a part is a file or a folder below src/, `plugins/*` stands for each plugin. A part may import itself and
 * the parts of its row, from level to level downwards; the longest name that fits a file is its part, so that
 * `storage/storage.ts` is not `storage`. `import type` of a port is free for all.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // Level 0: nouns and pure text rules, which every level may need.
  "model.ts": [],
  "errors.ts": [],
  "config/variable.ts": ["errors.ts", "valibot"],
  "terminal/ascii.ts": [],
  "io/leftover-socket.ts": [],
  "io/close-datagrams.ts": [],
  "terminal/printable.ts": [],
  "log/rate-limited.ts": [],
  // JSON of other programs, and how much of it is read.
  json: [],
  "config/hide-secrets.ts": [],
  // Names of containers, from the files of their runtimes.
  containers: ["json"],
  // Where Redis is and what its errors mean, for the queues and for Dramatiq's Redis alike.
  redis: ["config/hide-secrets.ts", "errors.ts", "terminal/printable.ts"],
  "redis/client.ts": ["ioredis", "redis", "redis/connector.ts"],
  "redis/connector.ts": ["ioredis", "redis"],

  // Level 1: ports and the pure core.
  "storage/storage.ts": [],
  // Reads what every storage counts.
  "storage/counts": ["storage/storage.ts"],
  "plugins/plugin.ts": [],
  schedule: [],
  records: ["json", "lossless-json"],
  aggregate: ["errors.ts", "records"],
  datadog: ["fflate", "lossless-json", "records"],
  dogstatsd: ["aggregate", "errors.ts", "io/close-datagrams.ts", "io/leftover-socket.ts", "records"],
  // Logs of the device. Patterns and levels are pure; what reads files, the journal and sockets is an edge.
  "logs/text": ["re2js"],
  logs: [
    "plugins/advice.ts",
    "containers",
    "io",
    "io/close-datagrams.ts",
    "logs/text",
    "schedule",
    "storage/storage.ts",
  ],
  config: ["config/variable.ts", "errors.ts", "logs/text", "redis", "valibot"],
  // Redis' protocol, as clients of the queues speak it.
  resp: ["errors.ts", "io/leftover-socket.ts", "redis-parser", "storage/storage.ts"],

  // Level 1: plugins. The world comes in as `Io`; no storage, no Datadog, no other plugin.
  // What to type about permissions, by where the agent runs.
  "plugins/advice.ts": [],
  "plugins/foreign-json.ts": ["plugins/reading.ts"],
  "plugins/reading.ts": ["model.ts"],
  "plugins/kernel": ["errors.ts", "plugins/reading.ts"],
  "plugins/side-by-side.ts": [],
  "plugins/*": [
    "plugins/advice.ts",
    "config/variable.ts",
    "containers",
    "errors.ts",
    "plugins/foreign-json.ts",
    "plugins/kernel",
    "plugins/reading.ts",
    "plugins/side-by-side.ts",
    "valibot",
  ],
  // A line of a command is a DogStatsD datagram, and parsing one is pure.
  "plugins/exec": ["dogstatsd", "errors.ts", "plugins/advice.ts", "plugins/reading.ts"],
  "plugins/own": ["dogstatsd", "errors.ts", "model.ts", "plugins/reading.ts", "valibot"],

  // Level 2: edges, each with its own library.
  io: ["errors.ts", "json", "redis", "redis/client.ts", "schedule", "terminal/printable.ts"],
  log: ["config/hide-secrets.ts", "pino", "schedule", "terminal/printable.ts"],
  "datadog/http": ["config/hide-secrets.ts", "datadog", "json", "schedule"],
  storage: ["errors.ts", "storage/storage.ts"],
  "storage/state-directory.ts": ["errors.ts"],
  "storage/redis": ["errors.ts", "redis", "redis/client.ts", "storage", "storage/storage.ts"],
  "storage/sqlite": ["errors.ts", "storage", "storage/state-directory.ts", "storage/storage.ts"],
  "storage/spool": [
    "errors.ts",
    "storage",
    "storage/counts",
    "storage/sqlite",
    "storage/storage.ts",
    "schedule",
  ],
  // Takes a lock over from a process that is gone.
  "storage/sqlite-wasm": ["io", "node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm"],

  // Level 3: the pipeline. Adapters arrive as arguments.
  jobs: [
    "aggregate",
    "datadog",
    "errors.ts",
    "json",
    "model.ts",
    "records",
    "schedule",
    "storage/counts",
    "storage/storage.ts",
    "valibot",
  ],

  // Level 4: where names become adapters.
  "plugins/registry.ts": ["plugins/*"],
  "storage/open-redis.ts": ["io", "records", "storage", "storage/counts", "storage/redis", "storage/spool"],
  "storage/open.ts": ["io", "records", "storage", "storage/open-redis.ts", "storage/spool", "storage/sqlite"],

  // What a person reads: tables, quantities, errors.
  terminal: ["errors.ts", "io", "jobs", "terminal/printable.ts", "records"],
  // Level 5: what is typed. `inspect-queue` reads records as the jobs do, a dry run unpacks what an intake is given.
  commands: [
    "config",
    "logs",
    "datadog",
    "errors.ts",
    "fflate",
    "jobs",
    "json",
    "records",
    "schedule",
    "storage/counts",
    "storage/storage.ts",
    "terminal",
    "terminal/printable.ts",
    "valibot",
  ],
  // From words and variables to the parts of the program.
  start: [
    "logs",
    "logs/text",
    "aggregate",
    "dogstatsd",
    "commander",
    "commands",
    "config",
    "datadog/http",
    "errors.ts",
    "io",
    "jobs",
    "log",
    "log/rate-limited.ts",
    "plugins/exec",
    "plugins/own",
    "plugins/registry.ts",
    "records",
    "resp",
    "schedule",
    "storage",
    "storage/state-directory.ts",
    "terminal",
  ],
  // The service of the machine, for commands that are typed beside it.
  service: ["config", "config/variable.ts", "io", "start"],
  // `run`: one configuration, and the next that replaces it.
  agent: [
    "logs",
    "aggregate",
    "config",
    "errors.ts",
    "io",
    "jobs",
    "log/rate-limited.ts",
    "schedule",
    "start",
    "storage/open.ts",
    "terminal",
    "terminal/printable.ts",
  ],
  "chouette.ts": [
    "agent",
    "io",
    "commands",
    "errors.ts",
    "jobs",
    "schedule",
    "service",
    "start",
    "storage/open.ts",
    "storage/storage.ts",
    "terminal",
  ],
  "program.ts": ["chouette.ts", "io", "log", "start", "terminal/ascii.ts"],
  "main.ts": ["program.ts"],
};

/** Their types may be imported by everyone: what is promised is no dependency on who keeps the promise. */
export const PORTS = [
  "aggregate/wrapper.ts",
  "commands/agent-status.ts",
  "commands/test-plugins.ts",
  "config/config.ts",
  "datadog/delivery.ts",
  "config/variable.ts",
  "log/log.ts",
  "logs/log-line.ts",
  "model.ts",
  "plugins/plugin.ts",
  "schedule/clock.ts",
  "storage/storage.ts",
];

/** Who may import which `node:` modules; everybody else none. */
export const EDGES: readonly (readonly [files: RegExp, modules: readonly string[]])[] = [
  [/^main\.ts$/, ["fs"]],
  [/^program\.ts$/, ["os"]],
  [/^agent\/lanes\.ts$/, ["events"]],
  [/^schedule\/clock\.ts$/, ["timers/promises"]],
  [/^start\/desk\.ts$/, ["path"]],
  [/^plugins\/(cgroups\/cpu|cgroups\/measure|host\/cpu-snapshots)\.ts$/, ["timers/promises"]],
  [/^datadog\/http\/(exchange|intake|proxy|route|stall)\.ts$/, ["http", "https", "net", "stream", "tls"]],
  [/^resp\/(listen|serve)\.ts$/, ["crypto", "fs", "net"]],
  [/^storage\/state-directory\.ts$/, ["fs", "path", "process"]],
  [/^storage\/sqlite\/[\w-]+\.ts$/, ["fs", "path", "process", "sqlite", "timers/promises", "url", "zlib"]],
  [/^storage\/spool\/[\w-]+\.ts$/, ["fs", "path", "process"]],
  [/^storage\/sqlite-wasm\/[\w-]+\.ts$/, ["buffer", "crypto", "fs", "path", "process", "url", "v8"]],
  [/^storage\/redis\/(scripts|unpack-records)\.ts$/, ["buffer", "crypto"]],
  [/^redis\/(client|connector)\.ts$/, ["dns/promises", "net", "tls"]],
  [/^dogstatsd\/receiver\.ts$/, ["buffer"]],
  [/^dogstatsd\/listen-udp\.ts$/, ["dgram"]],
  [/^dogstatsd\/listen-datagram\.ts$/, ["fs"]],
  [/^dogstatsd\/listen-stream\.ts$/, ["fs", "net"]],
  [/^dogstatsd\/port-holder\.ts$/, ["fs"]],
  [/^io\/journal-stream\.ts$/, ["fs"]],
  [/^io\/close-datagrams\.ts$/, ["dgram"]],
  [/^io\/(agent-socket|leftover-socket)\.ts$/, ["fs", "net"]],
  [/^io\/inherited-sockets\.ts$/, ["fs", "process"]],
  [/^io\/process-owner\.ts$/, ["fs", "os", "process"]],
  [/^io\/place\.ts$/, ["fs", "process"]],
  [/^io\/systemd-notify\.ts$/, ["child_process", "process"]],
  [/^io\/import-module\.ts$/, ["fs", "fs/promises", "module", "path", "url", "vm"]],
  [/^io\/lines\.ts$/, ["child_process", "events", "process", "stream", "timers/promises"]],
  [/^io\/become-user\.ts$/, ["fs", "process"]],
  [/^io\/get-json\.ts$/, ["http", "https"]],
  [
    /^io\/(ca-certificates|clock-facts|credentials|disk-written|send-queue|text-file|write-to)\.ts$/,
    ["fs", "fs/promises", "path"],
  ],
  [/^io\/disk-usage\.ts$/, ["fs/promises", "path", "timers/promises"]],
  [/^logs\/files\/[\w-]+\.ts$/, ["crypto", "fs", "path"]],
  [/^logs\/journal\/explain-journal\.ts$/, ["fs"]],
  [/^logs\/sockets\/(tcp|udp)\.ts$/, ["dgram", "events", "net"]],
  [/^io\/trusted-authorities\.ts$/, ["tls"]],
];
