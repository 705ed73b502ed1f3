import { parseRedisUrl, type RedisAddress } from "../redis/address.ts";
import { redisHostSchema, redisPortSchema } from "./hosts.ts";
import { absolutePathSchema, integerSchema, oneOfSchema, parsedSchema, type Variables } from "./variable.ts";

/** The storage of the queues, and the root of the device's files. */
export const storageVariables = {
  storageType: {
    names: ["CHOUETTE_STORAGE_TYPE"],
    otherwise: "`redis` where `REDIS_HOST` or `REDIS_URL` is set, else `sqlite`",
    meaning: "Where queues live.",
    expects: "one of redis, sqlite",
    schema: oneOfSchema(["redis", "sqlite"]),
  },
  redisUrl: {
    names: ["REDIS_URL"],
    otherwise: "–",
    meaning: "Redis server with user, password and database, or a unix socket; wins over host and port.",
    expects:
      "redis://[user:password@]host[:port][/database], the same with rediss://, or unix:///path, the special characters of a password percent-encoded",
    schema: parsedSchema(parseRedisUrl),
  },
  redisHost: {
    names: ["REDIS_HOST"],
    otherwise: "redis",
    meaning: "Host of the Redis server.",
    expects: "a host name or an address alone; give REDIS_URL for anything more",
    schema: redisHostSchema(),
  },
  redisPort: {
    names: ["REDIS_PORT"],
    default: "6379",
    meaning: "Port of the Redis server.",
    expects: "a port from 1 to 65535",
    schema: redisPortSchema(),
  },
  stateDirectory: {
    names: ["CHOUETTE_STATE_DIR", "STATE_DIRECTORY"],
    otherwise: "`$XDG_STATE_HOME/chouette`, else `~/.local/state/chouette`",
    meaning: "Directory of the embedded database.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
  runtimeDirectory: {
    names: ["CHOUETTE_RUNTIME_DIR", "RUNTIME_DIRECTORY"],
    otherwise: "`$XDG_RUNTIME_DIR/chouette`, else `/dev/shm/chouette-UID`",
    meaning:
      "Directory in RAM (tmpfs) in which records wait until they are delivered, so that the card is written only when a delivery fails.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
  durability: {
    names: ["DURABILITY"],
    default: "relaxed",
    meaning:
      "Whether a power cut may lose what was captured since the last delivery (`relaxed`) or nothing (`strict`, which writes some 260 MB a day to the card).",
    expects: "one of relaxed, strict",
    schema: oneOfSchema(["relaxed", "strict"]),
  },
  queueMaxBytes: {
    names: ["QUEUE_MAX_BYTES"],
    default: "256000000",
    meaning:
      "Most bytes of the embedded database, which never takes the last tenth of the disk; beyond them the oldest records are dropped.",
    expects: "a number of bytes from 1000000",
    schema: integerSchema(1_000_000, Number.MAX_SAFE_INTEGER),
  },
  queueMaxRecords: {
    names: ["QUEUE_MAX_RECORDS"],
    default: "1000000",
    meaning: "Most records in all queues of Redis together; beyond them the oldest are dropped.",
    expects: "a number of records from 1000",
    schema: integerSchema(1000, Number.MAX_SAFE_INTEGER),
  },
  hostRoot: {
    names: ["HOST_ROOT"],
    default: "/",
    meaning:
      "Where the host's root is mounted when Chouette runs in a container; prefixes every `/proc`, `/sys` and cgroup path.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
} as const satisfies Variables;

/** The directory in RAM that was named, and the user's (XDG_RUNTIME_DIR). */
type RamPlaces = { readonly named: string | undefined; readonly userRuntime: string | undefined };

/** Where the queues are, and their limits. */
export type StorageConfig = RamPlaces &
  (
    | {
        readonly type: "redis";
        readonly address: RedisAddress;
        /** Most records of all queues. */
        readonly maxRecords: number;
      }
    | {
        readonly type: "sqlite";
        readonly directory: string;
        /** Whether every commit goes to the card. */
        readonly strict: boolean;
        /** Most bytes of the database. */
        readonly maxBytes: number;
      }
  );
