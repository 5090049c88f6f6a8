/**
 * Numbers that were found by measuring. Each names the command that shows its
 * effect: run it before and after a change.
 */

// Commands, listeners and the log, src/core/.

/**
 * How many commands and due calls a turn executes before sockets are served
 * again. `npm run bench -- --load commands --load deferred`.
 */
export const COMMANDS_PER_TURN = 1024;

/**
 * What a connection may hand out before the others get their turn: this many
 * milliseconds long, as a look at the clock after every so many messages finds,
 * and at most so many messages, since a simulated clock stands still meanwhile.
 * `bun test ./tests/adapters/host.test.ts -t "more messages than a turn"`.
 */
export const TURN_SHARE = {
  ms: 2,
  messagesPerLook: 256,
  messages: 2 ** 14,
} as const;

/**
 * Probes of the loop delay, in milliseconds: the interval between turns that
 * are requested only to measure it, and how long probing continues after stats
 * were read. `bun test ./tests/adapters/host.test.ts -t stats`.
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
 * Milliseconds that a listener waits after a failed accept: the first delay,
 * and the longest, up to which it doubles.
 * `deno test -A tests/core/accepting.test.ts`.
 */
export const ACCEPT_DELAY_MS = { first: 20, last: 1000 } as const;

/**
 * This many failures of single connections in a row may be chance; more count
 * as a lasting failure. `deno test -A tests/core/accepting.test.ts`.
 */
export const ACCEPT_TRIES_AT_ONCE = 16;

/**
 * How many lines about peers are logged per second, since peers can cause any
 * number. `deno test -A tests/core/peer_log.test.ts`.
 */
export const PEER_LINES_PER_SECOND = 10;

/**
 * Interval, in milliseconds, at which a stopping runtime checks peers that were
 * sent FIN and have not responded. After the second check it no longer waits
 * for them. Longer than any round trip on earth.
 * `bun test ./tests/adapters/host.test.ts -t "does not answer"`.
 */
export const LOOK_AT_CLOSING_MS = 300;

// Bytes of one connection, src/io/.

/**
 * The smallest and the largest buffer in a pool, as powers of two: 4 KiB and 4
 * MiB. `npm run bench -- --load idle --load 4x1M`.
 */
export const POOLED_BITS = { smallest: 12, largest: 22 } as const;

/**
 * How many bytes of free buffers a pool keeps.
 * `npm run bench -- --load growth`.
 */
export const POOL_SIZE = 8 * 1024 * 1024;

/**
 * Reads up to this many bytes are copied to a buffer that stays in the caches
 * of the processor. `npm run bench -- --load 50x16x128`.
 */
export const SMALL_CACHE_SIZE = 8 * 1024;

/**
 * The first size of that buffer. It doubles until a read fits into it, so a
 * runtime with short reads starts quickly. `deno test -A tests/reliability`.
 */
export const FIRST_CACHE_SIZE = 1024;

/**
 * How many bytes of small messages are copied to that buffer at a time.
 * `npm run bench -- --load 50x64x32`.
 */
export const LARGE_CACHE_SIZE = 64 * 1024;

/**
 * Messages of a large read that are smaller than this are copied; larger ones
 * are passed on in place. Creating a view costs as much as copying twice as
 * many bytes. `npm run bench -- --load 50x64x32 --load 4x1x64K`.
 */
export const SMALL_MESSAGE = 512;

/**
 * The smallest and the largest buffer that a socket reads into.
 * `npm run bench -- --load idle --load 4x1M --runtime deno`.
 */
export const READ_SIZE = { smallest: 4 * 1024, largest: 128 * 1024 } as const;

/**
 * After this many small reads, a read buffer shrinks. Shrinking at once would
 * need another buffer for each message of medium size.
 * `npm run bench -- --load 4x1x64K --runtime deno`.
 */
export const SMALL_READS_TO_SHRINK = 16;

/**
 * From this size on, the memory of Bun's reads is freed at once. Bun allocates
 * smaller buffers so cheaply that freeing gains nothing.
 * `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const FREED_READ_SIZE: number = 16 * 1024;

/**
 * A message that lacks at least this many bytes is read directly into its final
 * buffer. `npm run bench -- --load 4x1M --runtime deno`.
 */
export const DIRECT_READ_SIZE = 16 * 1024;

/**
 * A queue of this size is written without waiting for the end of the turn.
 * `npm run bench -- --load 50x64x32`.
 */
export const FLUSH_SIZE = 64 * 1024;

/**
 * From this size on, bytes are offered to the system without a copy, if the
 * socket does not borrow them. `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const DIRECT_WRITE_SIZE = 16 * 1024;

/**
 * The largest write. Larger ones would hide from time limits that bytes go out,
 * and how many are queued: borrowed bytes are reported only all at once, and
 * Windows takes a write as a whole. `npm run bench -- --load 4x1x64K`.
 */
export const WRITE_SIZE = 256 * 1024;

/**
 * The largest write to a socket that takes writes in part, and so hides
 * nothing. With it, 16 MiB cost Bun on Linux 4.8 ms of processor time, as in
 * one write, instead of 5.6 ms.
 * `npm run bench -- --load 4x1x64K --runtime bun`.
 */
export const COUNTED_WRITE_SIZE = 4 * 1024 * 1024;

/**
 * Up to this many bytes, copying is faster than creating a view.
 * `npm run bench -- --load encoded`.
 */
export const CHEAP_SURPLUS = 2 * 1024;

/**
 * Queued buffers are joined by copying up to this many bytes.
 * `npm run bench -- --load 50x64x32 --runtime deno`.
 */
export const LARGEST_JOINED = 64 * 1024;

/**
 * A read buffer is queued without a copy if at least this share of it is to be
 * sent. `npm run bench -- --load 4x1x64K --runtime deno`.
 */
export const WORTH_KEEPING = 1 / 4;

/**
 * Up to this many characters, a loop encodes a text faster than `TextEncoder`.
 * `npm run bench -- --load encoded`.
 */
export const SHORT_TEXT = 32;

// Frames, src/codec/.

/**
 * Up to this many bytes, a loop decodes a text faster than `TextDecoder`, on
 * Deno ten times as fast. `npm run bench -- --load lines`.
 */
export const SHORT_RECEIVED_TEXT = 10;

/**
 * Up to this many bytes, a loop finds a delimiter faster than the engine.
 * `npm run bench -- --load lines`.
 */
export const FEW_BYTES = 32;

// Commands between threads, src/threads/link/.

/**
 * Commands in a batch: once it has this many, it is sent, so that the other
 * thread can begin while this one continues.
 * `npm run bench:threads -- --kind small`.
 */
export const BATCH_SIZE = 512;

/**
 * How many commands may be in transit to a thread: as many as a runtime has ids
 * for. `deno test -A tests/threads/commands.test.ts`.
 */
export const MAX_UNACKNOWLEDGED: number = 2 ** 20;

/**
 * How many bytes of commands and questions may be in transit to a thread: as
 * many as a runtime's connections may hold.
 * `deno test -A tests/threads/link.test.ts`.
 */
export const MAX_UNACKNOWLEDGED_BYTES: number = 2 ** 30;

/**
 * How many questions from one thread another thread may have unanswered.
 * `deno test -A tests/threads/asking.test.ts`.
 */
export const MAX_QUESTIONS: number = 2 ** 14;

/**
 * How many messages from one thread another thread may have unprocessed.
 * `deno test -A tests/threads/telling.test.ts`.
 */
export const MAX_TOLD: number = 2 ** 16;

/**
 * How many bytes those messages may have.
 * `deno test -A tests/threads/telling.test.ts`.
 */
export const MAX_TOLD_BYTES: number = 2 ** 26;

/**
 * After this many commands, the receiving thread sends an acknowledgement.
 * `npm run bench:threads -- --kind small`.
 */
export const ACKNOWLEDGED_AT_ONCE = 1024;

/**
 * After this many bytes, the receiving thread sends an acknowledgement.
 * `deno test -A tests/threads/telling.test.ts`.
 */
export const BYTES_ACKNOWLEDGED_AT_ONCE: number = 2 ** 20;

/**
 * From this count on, a batch sends its numbers as one block of memory, which
 * is cloned faster than single numbers.
 * `npm run bench:threads -- --kind small`.
 */
export const BLOCK_NUMBERS = 65;

/**
 * How many shapes of commands are cached for each thread, and the most keys of
 * a shape. `deno test -A tests/threads/records.test.ts`.
 */
export const MAX_SHAPES = 256;
/** See {@linkcode MAX_SHAPES}. */
export const MAX_SHAPE_KEYS = 32;

/**
 * The largest command that is copied by the library instead of by the
 * structured clone algorithm: objects in it, items of an array, characters of a
 * string. `npm run bench:threads -- --kind nested`.
 */
export const LARGEST_PLAIN = {
  objects: 32,
  items: 64,
  characters: 1024,
} as const;

// Connections that one thread accepts and another serves, src/threads/relay/.

/**
 * The most bytes of one connection in transit to its worker.
 * `deno test -A tests/relay/relay.test.ts`.
 */
export const RELAY_WINDOW: number = 256 * 1024;

/**
 * The memory that a message takes besides its bytes: many small ones are not
 * free. `deno test -A tests/relay/relayed_socket.test.ts`.
 */
export const RELAY_MESSAGE_COST = 256;
