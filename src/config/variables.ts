import { datadogVariables } from "./datadog-variables.ts";
import { pipelineVariables } from "./pipeline-variables.ts";
import { storageVariables } from "./storage-variables.ts";
import type { Variables } from "./variable.ts";

/**
 * Every variable of the agent itself; those of plugins are in their folders. Where several names of one variable are
 * set, the first in `names` wins.
 */
export const coreVariables = {
  ...datadogVariables,
  ...pipelineVariables,
  ...storageVariables,
} as const satisfies Variables;
