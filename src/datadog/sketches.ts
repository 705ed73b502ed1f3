import type { Sketch } from "../model.ts";
import { bySeries } from "./distributions.ts";
import { bytesField, doubleField, packedField, packedSignedField, varintField } from "./protobuf.ts";

/**
 * The `SketchPayload` that /api/beta/sketches takes from Datadog's agent (proto/metrics/agent_payload.proto of
 * DataDog/agent-payload):
 *   SketchPayload { repeated Sketch sketches = 1; CommonMetadata metadata = 2 }
 *   Sketch { metric = 1; host = 2; repeated string tags = 4; repeated Dogsketch dogsketches = 7 }
 *   Dogsketch { int64 ts = 1; int64 cnt = 2; double min = 3, max = 4, avg = 5, sum = 6; repeated sint32 k = 7; repeated uint32 n = 8 }
 * Sketches of one series share one message, by timestamp. `host` is that of sketches that name none.
 */
export function encodeSketches(sketches: readonly Sketch[], host: string): Uint8Array {
  const messages = bySeries(sketches, host).map(({ metric, tags, host, items }) => [
    ...bytesField(1, metric),
    ...bytesField(2, host),
    ...tags.flatMap((tag) => bytesField(4, tag)),
    ...[...items].sort((a, b) => a.timestamp - b.timestamp).flatMap((item) => bytesField(7, dogsketch(item))),
  ]);
  return Uint8Array.from(messages.flatMap((message) => bytesField(1, message)));
}

function dogsketch({ timestamp, count, min, max, sum, bins }: Sketch) {
  return [
    ...varintField(1, timestamp),
    ...varintField(2, count),
    ...doubleField(3, min),
    ...doubleField(4, max),
    ...doubleField(5, sum / count),
    ...doubleField(6, sum),
    ...packedSignedField(
      7,
      bins.map(([key]) => key),
    ),
    ...packedField(
      8,
      bins.map(([, count]) => count),
    ),
  ];
}
