/** One address of LOGS_LISTEN. */
export type Listen = { protocol: "udp" | "tcp"; host: string; port: number };

/** Where messages go; `false` for one that is dropped because nobody takes them. */
export type Inbox = {
  put(message: string): boolean;
  cut(messages: number): void;
  /** Resolves when there is room again. */
  room(signal: AbortSignal): Promise<void>;
};

export type Listener = { close(): Promise<void> };
