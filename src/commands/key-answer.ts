import { WRITE_KEY } from "../config/api-key.ts";
import type { KeyAnswer } from "../datadog/delivery.ts";

/** The env file of the service. */
const SERVICE_FILE = "/etc/chouette/chouette.env";

/**
 * Formats what the site says about the API key, for `run --check`: a line for standard output, and a warning for standard error.
 * `envFile`: where the settings come from.
 */
export function formatKeyAnswer(
  key: KeyAnswer,
  site: string,
  envFile: string | undefined,
): { good: string; warning: string } {
  switch (key.answer) {
    case "accepted":
      return { good: `${site} accepts the API key\n`, warning: "" };
    case "refused":
      return { good: "", warning: `warning: ${key.error}\n${remedy(envFile)}` };
    default:
      return { good: "", warning: `warning: whether the API key is right is not known: ${key.error}\n` };
  }
}

function remedy(envFile: string | undefined): string {
  if (envFile !== SERVICE_FILE) return "";
  return `  another key:  ${WRITE_KEY}\n  another site: DD_SITE=… in ${SERVICE_FILE}, then sudo systemctl reload chouette\n`;
}
