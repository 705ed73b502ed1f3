import * as v from "valibot";
import { textSchema, type Variable } from "../config/variable.ts";

/** Whether HOST_ROOT names a root that is not the agent's own: what /proc/self says is then about the agent's container. */
export const otherRoot = {
  names: ["HOST_ROOT"],
  default: "/",
  meaning: "Where the host's root is mounted, the agent's own.",
  expects: "an absolute path",
  schema: v.pipe(
    textSchema(),
    v.transform((path) => /[^/]/.test(path)),
  ),
} as const satisfies Variable<boolean>;
