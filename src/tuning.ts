/**
 * The numbers that were found by measuring, not by thinking. Each names the
 * command that shows its effect: run it before and after a change.
 */

// Commands, listeners and the log, src/core/.

/**
 * How many commands a turn executes, and how many calls it makes that are due,
 * before sockets are served again.
 * `npm run bench -- --load commands --load deferred`.
 */
export const COMMANDS_PER_TURN = 1024;

/**
 * The milliseconds from one turn to the next that is asked for only to see how
 * long the host takes to give it, and for how long some are once stats were asked
 * for. `bun test ./tests/adapters/host.test.ts -t stats`.
 */
export const DELAY_PROBES_MS = { apart: 100, lasting: 60_000 } as const;

/**
 * How many commands may wait to be executed or completed: as many as a runtime
 * has ids for. `deno test -A tests/core/command_queue.test.ts`.
 */
export const MAX_PENDING_COMMANDS: number = 2 ** 20;

/**
 * How many scheduled calls and time limits may be pending in a runtime.
 * `bun bench/in_process/calls.ts`.
 */
export const MAX_SCHEDULED_CALLS: number = 2 ** 20;

/**
 * The milliseconds that a listener waits after accepting has failed: first, and
 * at most after that was doubled again and again.
 * `deno test -A tests/core/accepting.test.ts`.
 */
export const ACCEPT_DELAY_MS = { first: 20, last: 1000 } as const;

/**
 * So many failures of single connections in a row may be chance; what comes
 * after them is taken for lasting. `deno test -A tests/core/accepting.test.ts`.
 */
export const ACCEPT_TRIES_AT_ONCE = 16;

/**
 * How many lines about peers, who can cause any number, are logged in a second.
 * `deno test -A tests/core/peer_log.test.ts`.
 */
export const PEER_LINES_PER_SECOND = 10;

/**
 * How often, in milliseconds, a runtime that is being stopped looks for peers that
 * have been told of the end and say nothing: after the second time it does not wait
 * for them. Longer than a round trip takes anywhere on earth.
 * `bun test ./tests/adapters/host.test.ts -t "does not answer"`.
 */
export const LOOK_AT_CLOSING_MS = 300;

// Bytes of one connection, src/io/.

/**
 * The smallest and the largest buffer that is pooled, as powers of two: 4 KiB,
 * and 4 MiB. `npm run bench -- --load idle --load 4x1M`.
 */
export const POOLED_BITS = { smallest: 12, largest: 22 } as const;

/** How many bytes of free buffers a pool keeps. `npm run bench -- --load growth`. */
export const POOL_SIZE = 8 * 1024 * 1024;

/**
 * Reads of so many bytes are laid out in a buffer that stays in the caches of
 * the processor. `npm run bench -- --load 50x16x128`.
 */
export const SMALL_CACHE_SIZE = 8 * 1024;

/** How many bytes of small messages are laid out at a time. `npm run bench -- --load 50x64x32`. */
export const LARGE_CACHE_SIZE = 64 * 1024;

/**
 * Smaller messages of a large read are laid out, larger ones are handed out
 * where they were read: to make a view costs as much as to copy twice as many
 * bytes. `npm run bench -- --load 50x64x32 --load 4x1x64K`.
 */
export const SMALL_MESSAGE = 512;

/** The smallest and the largest buffer that a socket reads into. `npm run bench -- --load idle --load 4x1M --runtime deno`. */
export const READ_SIZE = { smallest: 4 * 1024, largest: 128 * 1024 } as const;

/**
 * After so many small reads a read buffer shrinks: at once would take another
 * one for each message of middle size. `npm run bench -- --load 4x1x64K --runtime deno`.
 */
export const SMALL_READS_TO_SHRINK = 16;

/**
 * From so many bytes on the memory of what Bun has read is freed at once: it makes
 * smaller ones so cheaply that nothing is gained by it.
 * `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const FREED_READ_SIZE: number = 16 * 1024;

/** A message that lacks so many bytes is read to where it is put together. `npm run bench -- --load 4x1M --runtime deno`. */
export const DIRECT_READ_SIZE = 16 * 1024;

/** A queue as long as this is written without waiting for the end of the turn. `npm run bench -- --load 50x64x32`. */
export const FLUSH_SIZE = 64 * 1024;

/**
 * So many bytes are offered to the system without a copy, where it makes one
 * itself. `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const DIRECT_WRITE_SIZE = 16 * 1024;

/**
 * The largest write. More would hide the progress that time limits look for, and
 * what is queued: borrowed bytes are out all at once, and Windows takes a write
 * whole. `npm run bench -- --load 4x1x64K`.
 */
export const WRITE_SIZE = 256 * 1024;

/**
 * The same to a socket that has taken a part of a write, and so hides nothing:
 * 16 MiB then cost Bun on Linux 4.8 ms of the processor, as in one write, and not
 * 5.6. `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const COUNTED_WRITE_SIZE = 4 * 1024 * 1024;

/** So many bytes are copied faster than a view is made. `npm run bench -- --load encoded`. */
export const CHEAP_SURPLUS = 2 * 1024;

/** What is queued is joined by copying up to so many bytes. `npm run bench -- --load 50x64x32 --runtime deno`. */
export const LARGEST_JOINED = 64 * 1024;

/**
 * A read buffer is queued as it is, and not copied, if at least this share of it
 * is to be sent. `npm run bench -- --load 4x1x64K --runtime deno`.
 */
export const WORTH_KEEPING = 1 / 4;

/** A text of so many characters is encoded faster by a loop than by `TextEncoder`. `npm run bench -- --load encoded`. */
export const SHORT_TEXT = 32;

// Frames, src/codec/.

/**
 * A text of so many bytes is decoded faster by a loop than by `TextDecoder`, on
 * Deno ten times as fast. `npm run bench -- --load lines`.
 */
export const SHORT_RECEIVED_TEXT = 10;

/**
 * Among so many bytes a delimiter is found faster by a loop than by the engine.
 * `npm run bench -- --load lines`.
 */
export const FEW_BYTES = 32;

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
 * How many bytes the commands and questions may have that are on their way to a
 * thread: as many as a runtime's connections may hold.
 * `deno test -A tests/threads/link.test.ts`.
 */
export const MAX_UNACKNOWLEDGED_BYTES: number = 2 ** 30;

/**
 * How many questions a thread may have from another one that it has not
 * answered. `deno test -A tests/threads/asking.test.ts`.
 */
export const MAX_QUESTIONS: number = 2 ** 14;

/**
 * How many messages a thread may have been told by another one that it is not
 * done with. `deno test -A tests/threads/telling.test.ts`.
 */
export const MAX_TOLD: number = 2 ** 16;

/**
 * How many bytes those messages may have.
 * `deno test -A tests/threads/telling.test.ts`.
 */
export const MAX_TOLD_BYTES: number = 2 ** 26;

/**
 * How many commands come in before the thread that sent them is told.
 * `npm run bench:threads -- --kind small`.
 */
export const ACKNOWLEDGED_AT_ONCE = 1024;

/**
 * How many bytes come in before the thread that sent them is told.
 * `deno test -A tests/threads/telling.test.ts`.
 */
export const BYTES_ACKNOWLEDGED_AT_ONCE: number = 2 ** 20;

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
 * How many bytes of a connection may be on their way to its worker at most.
 * `deno test -A tests/relay/relay.test.ts`.
 */
export const RELAY_WINDOW: number = 256 * 1024;

/**
 * What a message takes in memory besides its bytes: many small ones are not for
 * free. `deno test -A tests/relay/relayed_socket.test.ts`.
 */
export const RELAY_MESSAGE_COST = 256;
