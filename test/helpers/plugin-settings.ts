import type { AgentSettings } from "../../src/plugins/plugin.ts";

/** What a plugin is told of the agent where nothing else matters: the defaults. */
export const settings: AgentSettings = { captureInterval: 30, hostRoot: "/" };
