/** Replies of the Redis protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/), as text of one byte a character. */
export type Reply = string;

export const OK: Reply = "+OK\r\n";
export const QUEUED: Reply = "+QUEUED\r\n";

/** An error; Redis' own words begin with a code such as `ERR`. */
export function error(words: string): Reply {
  return `-${words.replace(/[\r\n]+/g, " ")}\r\n`;
}

export function integer(value: number): Reply {
  return `:${value}\r\n`;
}

export function bulk(text: string): Reply {
  return `$${Buffer.byteLength(text)}\r\n${Buffer.from(text).toString("latin1")}\r\n`;
}

export function array(replies: readonly Reply[]): Reply {
  return `*${replies.length}\r\n${replies.join("")}`;
}

/** A map of the third version of the protocol; a list of keys and values in the second. */
export function map(entries: readonly (readonly [key: string, value: Reply])[], version: 2 | 3): Reply {
  const flat = entries.map(([key, value]) => bulk(key) + value).join("");
  return version === 3 ? `%${entries.length}\r\n${flat}` : `*${2 * entries.length}\r\n${flat}`;
}

/** Redis' words for a command that it does not know, with the first of its arguments. */
export function unknownCommand(name: string, args: readonly string[]): Reply {
  const shown: string[] = [];
  let left = 128;
  for (const arg of args) {
    if (left <= 0) break;
    shown.push(`'${arg.slice(0, left)}' `);
    left -= arg.length + 3;
  }
  return error(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown.join("")}`);
}

export function wrongNumber(command: string): Reply {
  return error(`ERR wrong number of arguments for '${command.toLowerCase()}' command`);
}
