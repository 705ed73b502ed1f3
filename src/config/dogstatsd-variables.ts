import * as v from "valibot";
import { absolutePathSchema, booleanSchema, integerSchema, type Values, type Variables } from "./variable.ts";

/** Where applications send DogStatsD, and how much they may send. */
export const dogstatsdVariables = {
  dogstatsd: {
    names: ["DOGSTATSD"],
    otherwise: "`true` with the embedded storage, else `false`",
    meaning: "Whether applications can send DogStatsD.",
    expects: "true or false",
    schema: booleanSchema(),
  },
  dogstatsdPort: {
    names: ["DOGSTATSD_PORT", "DD_DOGSTATSD_PORT"],
    otherwise: "8125; a port that is taken stops the agent only when it is given",
    meaning: "UDP port of DogStatsD; 0 for none.",
    expects: "a port from 1 to 65535, or 0 for none",
    schema: integerSchema(0, 65_535),
  },
  dogstatsdNonLocal: {
    names: ["DD_DOGSTATSD_NON_LOCAL_TRAFFIC"],
    default: "false",
    meaning: "Whether other machines may send to the UDP port.",
    expects: "true or false",
    schema: booleanSchema(),
  },
  dogstatsdBuffer: {
    names: ["DD_DOGSTATSD_SO_RCVBUF"],
    otherwise: "as much as the kernel grants, up to 4194304",
    meaning: "Bytes of receive buffer of the UDP port.",
    expects: "a whole number of bytes from 0",
    schema: integerSchema(0, 2 ** 30),
  },
  dogstatsdStream: {
    names: ["DOGSTATSD_STREAM_SOCKET"],
    otherwise: "–",
    meaning: "Path of a unix stream socket for DogStatsD, which Chouette makes.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
  dogstatsdStreamMode: {
    names: ["DOGSTATSD_STREAM_SOCKET_MODE"],
    default: "666",
    meaning: "Its permissions, octal: who may write may send.",
    expects: "permissions in octal, such as 660",
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.regex(/^0?[0-7]{3}$/),
      v.transform((text) => Number.parseInt(text, 8)),
    ),
  },
  dogstatsdStreamGroup: {
    names: ["DOGSTATSD_STREAM_SOCKET_GROUP"],
    otherwise: "that of the agent",
    meaning: "Its group, one of those that the agent is in.",
    expects: "the name or the number of a group",
    schema: v.pipe(v.string(), v.trim(), v.regex(/^[\w.-]+$/)),
  },
  dogstatsdSocket: {
    names: ["DOGSTATSD_SOCKET", "DD_DOGSTATSD_SOCKET"],
    otherwise: "–",
    meaning:
      "Path of a unix datagram socket for DogStatsD, which systemd makes: without `chouette-dogstatsd.socket` the agent does not start.",
    expects: "an absolute path",
    schema: absolutePathSchema(),
  },
  maxSeries: {
    names: ["MAX_SERIES"],
    default: "5000",
    meaning: "Most series of applications in one window, over all ways in; the rest is counted and dropped.",
    expects: "a whole number from 1 to 1000000",
    schema: integerSchema(1, 1_000_000),
  },
} as const satisfies Variables;

/** The values of the table but MAX_SERIES, which is not of DogStatsD alone. */
export type DogstatsdValues = Omit<Values<typeof dogstatsdVariables>, "maxSeries">;

/** Where applications send DogStatsD. */
export type DogstatsdPlaces = {
  /** The UDP port; `given`: it was chosen, so that the agent does not run without it. */
  readonly port: { readonly number: number; readonly given: boolean } | undefined;
  readonly nonLocal: boolean;
  /** Bytes of receive buffer; undefined: as many as are granted, within reason. */
  readonly buffer: number | undefined;
  readonly stream:
    | { readonly path: string; readonly mode: number; readonly group: string | undefined }
    | undefined;
  /** The unix datagram socket that applications know; systemd opens it. */
  readonly datagram: string | undefined;
};

export function dogstatsdPlaces(values: DogstatsdValues): DogstatsdPlaces {
  const { dogstatsdPort, dogstatsdNonLocal, dogstatsdBuffer, dogstatsdStream: path } = values;
  const given = dogstatsdPort !== undefined;
  return {
    port: dogstatsdPort === 0 ? undefined : { number: dogstatsdPort ?? 8125, given },
    nonLocal: dogstatsdNonLocal,
    buffer: dogstatsdBuffer,
    stream:
      path === undefined
        ? undefined
        : { path, mode: values.dogstatsdStreamMode, group: values.dogstatsdStreamGroup },
    datagram: values.dogstatsdSocket,
  };
}
