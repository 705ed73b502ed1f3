import { answerAt } from "../io/agent-socket.ts";
import { inWords } from "../io/system-errors.ts";
import type { Logger } from "../log/log.ts";

/** The place at which the agent answers the commands that run beside it. */
export type Desk = {
  /** Opens it at the path, unless it is open there. That it cannot be opened is only logged. */
  open(path: string, log: Logger): Promise<void>;
  close(): Promise<void>;
};

/** The agent's socket, beside the database of its queues, so that every command finds it. */
export function agentSocket(stateDirectory: string): string {
  return `${stateDirectory}/agent.sock`;
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
        open = { path, ...(await answerAt(path, answer)) };
      } catch (error) {
        log.warn(
          `${path} cannot be opened: ${inWords(error)}; chouette flush cannot take the open window of this agent`,
        );
      }
    },
  };
}
