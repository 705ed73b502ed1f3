import type { IntakeTrack } from "../datadog/delivery.ts";

export type IntakeUrls = Readonly<Record<IntakeTrack | "validate", string>>;

/** Returns the address of each track, and of the question whether the key is valid, below the bases of the two intakes (https://docs.datadoghq.com/api/latest/). */
export function intakeUrls(
  base: { metrics: string; logs: string },
  version: { metrics: 1 | 2; logs: 1 | 2 },
): IntakeUrls {
  return {
    series: `${base.metrics}/v${version.metrics}/series`,
    logs: version.logs === 1 ? `${base.logs}/v1/input` : `${base.logs}/api/v2/logs`,
    distributions: `${base.metrics}/v1/distribution_points`,
    // Where Datadog's agent sends them; not part of the public API.
    sketches: `${base.metrics}/beta/sketches`,
    events: `${base.metrics}/v1/events`,
    validate: `${base.metrics}/v1/validate`,
    checks: `${base.metrics}/v1/check_run`,
  };
}
