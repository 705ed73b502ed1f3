import { encodeDistributions } from "../datadog/distributions.ts";
import { encodeEvent } from "../datadog/events.ts";
import { OTHER_LIMITS } from "../datadog/payload.ts";
import { encodeServiceCheck } from "../datadog/service-checks.ts";
import { encodeSketches } from "../datadog/sketches.ts";
import type { Distribution, Event, ServiceCheck, Sketch } from "../model.ts";
import { distributionParser, sketchParser } from "../records/distribution.ts";
import { eventParser } from "../records/event.ts";
import type { OnManyTags } from "../records/series-identity.ts";
import { serviceCheckParser } from "../records/service-check.ts";
import { asItIs, type Sender, type Track, whole } from "./track.ts";

/** Seconds: "events may be up to 18 hours old", "checks are accepted up to 10 minutes after" (API reference). */
export const EVENT_TTL = 64_800;
export const CHECK_TTL = 600;

/** Records read at a time. */
const BULK = 1000;

type SeriesOptions = {
  /** Seconds: METRIC_TTL. */
  ttl: number;
  taken?: number | undefined;
  onManyTags?: OnManyTags;
};

/** Returns the track of distributions whose values go as they are. */
export function distributionsTrack(
  { host, globalTags }: Sender,
  { ttl, taken, onManyTags }: SeriesOptions,
): Track<Distribution> {
  const read = distributionParser(globalTags, onManyTags);
  return {
    name: "distributions",
    queue: "chouette:distributions:wrapped",
    bulk: BULK,
    ttl,
    taken,
    parse: (body) => whole(read(body)),
    only: asItIs,
    encoding: {
      track: "distributions",
      limits: OTHER_LIMITS.distributions,
      encode: (distributions) => encodeDistributions(distributions, host),
    },
  };
}

/** Returns the track of distributions with too many values to send each of them. */
export function sketchesTrack(
  { host, globalTags }: Sender,
  { ttl, taken, onManyTags }: SeriesOptions,
): Track<Sketch> {
  const read = sketchParser(globalTags, onManyTags);
  return {
    name: "sketches",
    queue: "chouette:sketches:wrapped",
    bulk: BULK,
    ttl,
    taken,
    parse: (body) => whole(read(body)),
    only: asItIs,
    encoding: {
      track: "sketches",
      limits: OTHER_LIMITS.sketches,
      encode: (sketches) => encodeSketches(sketches, host),
    },
  };
}

export function eventsTrack({ host, globalTags }: Sender): Track<Event> {
  const read = eventParser(globalTags);
  return {
    name: "events",
    queue: "chouette:events:wrapped",
    bulk: BULK,
    ttl: EVENT_TTL,
    parse: (body, at) => whole(read(body, at)),
    only: asItIs,
    encoding: {
      track: "events",
      limits: OTHER_LIMITS.events,
      // The limits put one event in a request.
      encode: (events) => events.map((event) => encodeEvent(event, host)).join(),
    },
  };
}

export function checksTrack({ host, globalTags }: Sender): Track<ServiceCheck> {
  const read = serviceCheckParser(globalTags);
  return {
    name: "checks",
    queue: "chouette:checks:wrapped",
    bulk: BULK,
    ttl: CHECK_TTL,
    parse: (body, at) => whole(read(body, at)),
    only: asItIs,
    encoding: {
      track: "checks",
      limits: OTHER_LIMITS.checks,
      encode: (checks) => `[${checks.map((check) => encodeServiceCheck(check, host)).join(",")}]`,
    },
  };
}
