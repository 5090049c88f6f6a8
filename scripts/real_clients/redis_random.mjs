// @ts-check
//
// Commands that nobody has thought of: drawn at random, of few keys and values,
// so that they meet. None asks for what depends on the time it takes.

const KEYS = ["a", "b", "c", "d"];
const VALUES = [
  ...["1", "-5", "0", "x", "", " 1", "01", "3.5", "999999999999999"],
  ...["9223372036854775807", "-9223372036854775808", "\0\r\n\xff"],
];
const INDEXES = ["0", "1", "-1", "2", "-3", "100", "x"];
const TIMES = ["100000", "1000000", "0", "-1", "x", "9223372036854775807"];
const WORDS = ["NX", "xx", "GET", "EX", "PX", "100000", "KEEPTTL"];

/** What stands behind a command: of each letter one that is drawn, of one with a star up to three. */
const COMMANDS = `
SET k v w* | SET k v | GET k | GETSET k v | GETDEL k | SETNX k v | SETEX k t v
PSETEX k t v | INCR k | DECR k | INCRBY k v | DECRBY k v | APPEND k v | STRLEN k
MSET k v v* | MGET k* | DEL k* | EXISTS k* | TYPE k | PERSIST k
EXPIRE k t w* | PEXPIRE k t | LPUSH k v* | RPUSH k v* | LPOP k i* | RPOP k i*
LRANGE k i i | LLEN k | HSET k v v* | HGET k v | HGETALL k | HDEL k v* | HKEYS k
HVALS k | HMGET k v* | HLEN k | HEXISTS k v | HMSET k v v* | SADD k v* | SREM k v*
SCARD k | SISMEMBER k v | MULTI | EXEC | EXEC | DISCARD | WATCH k | UNWATCH
MSETNX k v k v | HSCAN k i | SELECT i | DBSIZE | FLUSHDB | PING v* | ECHO v | nosuch k | PUBLISH k v
`.trim().split(/[|\n]/).map((line) => line.trim().split(" "));

/** @type {{ [letter: string]: string[] }} */
const DRAWN = { k: KEYS, v: VALUES, i: INDEXES, t: TIMES, w: WORDS };

/** `count` commands, always the same for one seed. */
export function drawCommands(
  /** @type {number} */ seed,
  /** @type {number} */ count,
) {
  let state = seed;
  const draw = (/** @type {number} */ below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () => {
    const [name, ...places] = COMMANDS[draw(COMMANDS.length)];
    const args = places.flatMap(([letter, star]) =>
      Array.from(
        { length: star === undefined ? 1 : draw(4) },
        () => DRAWN[letter][draw(DRAWN[letter].length)],
      )
    );
    return [name, ...args];
  });
}
