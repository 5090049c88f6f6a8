// @ts-check
//
// Random commands, with few keys and values so that they interact. The reply of
// none depends on time.

const KEYS = ["a", "b", "c", "d"];
const VALUES = [
  ...["1", "-5", "0", "x", "", " 1", "01", "3.5", "999999999999999"],
  ...["9223372036854775807", "-9223372036854775808", "\0\r\n\xff"],
];
const INDEXES = [
  ...["0", "1", "-1", "2", "-3", "100", "x", "", "+1", "00", "4294967296"],
  ...["9223372036854775808", "18446744073709551615", "18446744073709551616"],
];
const TIMES = [
  ...["100000", "1000000", "0", "-1", "x", "9999999999999999"],
  ...["9223372036854775807", "-9223372036854775808"],
];
const WORDS = [
  ...["NX", "xx", "GET", "EX", "PX", "EXAT", "PXAT", "KEEPTTL", "GT", "LT"],
  ...["100000", "9999999999999", "MATCH", "COUNT", "TYPE", "*", "ASYNC"],
];
const PARTS = ["getname", "SETNAME", "numpat", "NUMSUB", "get", "nosuch", "x"];

/**
 * The arguments of each command: for each letter a random word of that kind,
 * for one with a star up to three.
 */
const COMMANDS = `
SET k v w* | SET k v | GET k | GETSET k v | GETDEL k | SETNX k v | SETEX k t v
PSETEX k t v | INCR k | DECR k | INCRBY k v | DECRBY k v | APPEND k v | STRLEN k
MSET k v v* | MGET k* | DEL k* | UNLINK k* | EXISTS k* | TYPE k | PERSIST k
EXPIRE k t w* | PEXPIRE k t w* | EXPIREAT k t w* | PEXPIREAT k t w*
LPUSH k v* | RPUSH k v* | LPOP k i* | RPOP k i* | LRANGE k i i | LLEN k
HSET k v v* | HGET k v | HGETALL k | HDEL k v* | HKEYS k | HVALS k | HMGET k v*
HLEN k | HEXISTS k v | HMSET k v v* | HSCAN k i w* | HSCAN k i
SADD k v* | SREM k v* | SCARD k | SISMEMBER k v
MULTI | EXEC | EXEC | EXEC v* | DISCARD | WATCH k | UNWATCH | RESET
MSETNX k v k v | SELECT i | DBSIZE | FLUSHDB w* | PING v* | ECHO v | nosuch k v
PUBLISH k v | AUTH v* | CLIENT p v* | PUBSUB p v* | CONFIG p v* | COMMAND p k
`.trim().split(/[|\n]/).map((line) => line.trim().split(" "));

/** @type {{ [letter: string]: string[] }} */
const DRAWN = { k: KEYS, v: VALUES, i: INDEXES, t: TIMES, w: WORDS, p: PARTS };

/** Draws `count` commands, always the same for the same seed. */
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
    if (draw(40) === 0) args.pop();
    const isTimeNext = /^[EP]X$/.test(args.at(-1) ?? "");
    if (draw(40) === 0 && !isTimeNext) args.push(VALUES[draw(VALUES.length)]);
    return [name, ...args];
  });
}
