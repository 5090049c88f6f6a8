/**
 * The numbers that were found by measuring, not by thinking. Each names the
 * command that shows its effect: run it before and after a change.
 */

// Commands between threads, src/threads/link/.

/**
 * So many commands make a batch, and the other thread can begin while this one
 * goes on. `npm run bench:threads -- --kind small`.
 */
export const BATCH_SIZE = 512;

/**
 * How many commands may be on their way to a thread: as many as a runtime has
 * ids for. `deno test -A tests/threads/commands.test.ts`.
 */
export const MAX_UNACKNOWLEDGED: number = 2 ** 20;

/**
 * How many commands come in before the thread that sent them is told.
 * `npm run bench:threads -- --kind small`.
 */
export const ACKNOWLEDGED_AT_ONCE = 1024;

/**
 * From so many numbers on a batch has them as one block of memory: that is
 * cloned faster than as many numbers one by one.
 * `npm run bench:threads -- --kind small`.
 */
export const BLOCK_NUMBERS = 65;

/**
 * How many shapes of commands are remembered for each thread, and how many keys
 * one has at most. `deno test -A tests/threads/records.test.ts`.
 */
export const MAX_SHAPES = 256;
/** See {@linkcode MAX_SHAPES}. */
export const MAX_SHAPE_KEYS = 32;

/**
 * What a command may be to be copied here, and not by the structured clone
 * algorithm: so many objects in it, items of an array, characters of a string.
 * `npm run bench:threads -- --kind nested`.
 */
export const LARGEST_PLAIN = {
  objects: 32,
  items: 64,
  characters: 1024,
} as const;

// Connections that one thread accepts and another serves, src/threads/relay/.

/**
 * How much of a connection may be on its way at most, in each direction, bytes.
 * `deno test -A tests/relay/relay.test.ts`.
 */
export const RELAY_WINDOW: number = 256 * 1024;

/**
 * What a message takes in memory besides its bytes: many small ones are not for
 * free. `deno test -A tests/relay/relayed_socket.test.ts`.
 */
export const RELAY_MESSAGE_COST = 256;
