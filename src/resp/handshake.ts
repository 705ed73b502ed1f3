import { array, bulk, error, integer, map, OK, type Reply, wrongNumber } from "./replies.ts";

/** What clients ask for when they connect, and beside their writes. */
export type Handshake = {
  /** True once the connection may write. */
  allowed(): boolean;
  /** Returns the reply; undefined for a command that is not one of these. */
  handle(command: string, args: readonly string[]): Reply | undefined;
};

/** The version of Redis whose commands these are: clients choose what they send by it. */
const VERSION = "7.0.15";

const NOAUTH = error("NOAUTH Authentication required.");
const WRONGPASS = error("WRONGPASS invalid username-password pair or user is disabled.");
const HELLO_NOAUTH = error(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);
const NO_PASSWORD = error(
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);

/**
 * Answers as Redis does to what redis-py, ioredis, node-redis, hiredis and redis-cli send when they connect. `isPassword` is
 * undefined when none is wanted; `id` is the number of the connection.
 */
export function createHandshake(isPassword: ((given: string) => boolean) | undefined, id: number): Handshake {
  let allowed = isPassword === undefined;
  let name = "";

  const login = (user: string, password: string): boolean => {
    const right = user === "default" && (isPassword === undefined || isPassword(password));
    allowed ||= right;
    return right;
  };

  const auth = (args: readonly string[]): Reply => {
    const [first, second] = args;
    if (first === undefined || args.length > 2) return wrongNumber("auth");
    if (isPassword === undefined && second === undefined) return NO_PASSWORD;
    const right = second === undefined ? login("default", first) : login(first, second);
    return right ? OK : WRONGPASS;
  };

  const hello = ([version, ...options]: readonly string[]): Reply => {
    if (version !== undefined && version !== "2" && version !== "3")
      return error(
        /^\d+$/.test(version)
          ? "NOPROTO unsupported protocol version"
          : "ERR Protocol version is not an integer or out of range",
      );
    for (let at = 0; at < options.length; ) {
      const option = options[at]?.toUpperCase();
      const [first, second] = options.slice(at + 1);
      if (option === "AUTH" && first !== undefined && second !== undefined) {
        if (!login(first, second)) return WRONGPASS;
        at += 3;
      } else if (option === "SETNAME" && first !== undefined) {
        name = first;
        at += 2;
      } else return error(`ERR Syntax error in HELLO option '${options[at]?.slice(0, 100)}'`);
    }
    if (!allowed) return HELLO_NOAUTH;
    const proto = version === "3" ? 3 : 2;
    return map(
      [
        ["server", bulk("redis")],
        ["version", bulk(VERSION)],
        ["proto", integer(proto)],
        ["id", integer(id)],
        ["mode", bulk("standalone")],
        ["role", bulk("master")],
        ["modules", array([])],
      ],
      proto,
    );
  };

  const client = ([subcommand = "", ...args]: readonly string[]): Reply => {
    switch (subcommand.toUpperCase()) {
      case "SETNAME":
        name = args[0] ?? "";
        return OK;
      case "GETNAME":
        return bulk(name);
      case "ID":
        return integer(id);
      case "SETINFO":
      case "NO-EVICT":
      case "NO-TOUCH":
        return OK;
      case "":
        return wrongNumber("client");
      default:
        return error(`ERR unknown subcommand '${subcommand.slice(0, 128)}'. Try CLIENT HELP.`);
    }
  };

  const anyone: Readonly<Record<string, (args: readonly string[]) => Reply>> = {
    AUTH: auth,
    HELLO: hello,
    QUIT: () => OK,
  };
  const members: Readonly<Record<string, (args: readonly string[]) => Reply>> = {
    CLIENT: client,
    PING: ([text]) => (text === undefined ? "+PONG\r\n" : bulk(text)),
    ECHO: ([text]) => (text === undefined ? wrongNumber("echo") : bulk(text)),
    SELECT: ([database]) => (database === "0" ? OK : error("ERR DB index is out of range")),
    COMMAND: ([subcommand]) => (subcommand?.toUpperCase() === "COUNT" ? integer(0) : array([])),
    INFO: () => bulk(`# Server\r\nredis_version:${VERSION}\r\nredis_mode:standalone\r\nloading:0\r\n`),
  };

  return {
    allowed: () => allowed,
    handle(command, args) {
      if (Object.hasOwn(anyone, command)) return anyone[command]?.(args);
      if (!allowed) return NOAUTH;
      return Object.hasOwn(members, command) ? members[command]?.(args) : undefined;
    },
  };
}
