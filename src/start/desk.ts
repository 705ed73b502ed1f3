import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { answerAt } from "../io/agent-socket.ts";
import { inWords } from "../io/system-errors.ts";
import type { Logger } from "../log/log.ts";
import { makeDirectory } from "../storage/state-directory.ts";

/** The place at which the agent answers the commands that run beside it. */
export type Desk = {
  /** Opens it at the path, unless it is open there, and makes its directory where it is missing. That it cannot be opened is only logged. */
  open(path: string, log: Logger): Promise<void>;
  close(): Promise<void>;
};

/** The agent's socket in the state directory, so that every command finds it; agents with and without Redis may share that. */
export function agentSocket({ storage, stateDirectory }: Pick<Config, "storage" | "stateDirectory">): string {
  return `${stateDirectory}/${storage.type === "redis" ? "agent-redis" : "agent"}.sock`;
}

export function createDesk(answers: Readonly<Record<string, () => Promise<unknown>>>): Desk {
  let open: { path: string; close(): Promise<void> } | undefined;
  const close = async () => {
    const closing = open;
    open = undefined;
    await closing?.close();
  };
  return {
    close,
    async open(path, log) {
      if (open?.path === path) return;
      await close();
      const answer = async (question: string) =>
        Object.hasOwn(answers, question) ? answers[question]?.() : undefined;
      try {
        // With the queues in Redis nothing else is there.
        makeDirectory(dirname(path));
        open = { path, ...(await answerAt(path, answer)) };
      } catch (error) {
        log.warn(
          `${path} cannot be opened: ${inWords(error)}; chouette flush cannot take the open window of this agent, and chouette inspect-queue --health finds none. Set CHOUETTE_STATE_DIR to a directory that the agent may write`,
        );
      }
    },
  };
}
