/**
 * Sizes, counts and times that were found by measuring, or chosen: they could be
 * others. Each names the command that shows its effect: run it before and after
 * a change.
 */

// Containers and views, src/util/.

/**
 * A queue drops its consumed items from memory once there are this many, and
 * as many as others. `npm run bench -- --load commands`.
 */
export const FIFO_COMPACT_SIZE = 1024;

/**
 * The span of a bucket of time limits, in milliseconds: those in one are sorted
 * only when it is due. `bun bench/in_process/calls.ts`.
 */
export const TIMER_BUCKET_MS = 4;

/**
 * How many bits of an index choose the entry in a page of 1024: a list in pages
 * grows without being copied. `npm run bench -- --load deferred`.
 */
export const PAGE_BITS = 10;

/**
 * Up to this many bytes, probing the indexes of a view is faster than calling
 * the engine's getter of its length. `bun bench/in_process/echo.ts 16 queue`.
 */
export const PROBED_SIZE = 4096;

/**
 * How many characters of a stack are searched for where in the program an error
 * comes from. `deno test -A tests/util/one_line.test.ts`.
 */
export const LONGEST_SEARCHED_STACK: number = 16 * 1024;

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
 * Milliseconds that a timer of a peer's deadline may be late. If it is later,
 * the program was busy, so the peer may not have been slow.
 * `bun test ./tests/adapters/host.test.ts -t "blame a peer"`.
 */
export const HELD_UP_MS = 50;

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
 * Milliseconds between two calls that make `node:net` on Deno accept again.
 * `deno test -A tests/adapters/node.test.ts`.
 */
export const ACCEPT_AGAIN_MS = 1000;

/**
 * The most addresses of a name that are tried.
 * `deno test -A tests/core/address_race.test.ts`.
 */
export const MAX_RACING_ADDRESSES = 16;

/**
 * The buffer for a PROXY header, in bytes. Each silent connection holds one, and
 * most headers are shorter. `deno test -A tests/core/proxy_simulated.test.ts`.
 */
export const PROXY_READ_SIZE = 512;

/**
 * How many lines about peers are logged per second, since peers can cause any
 * number. `deno test -A tests/core/peer_log.test.ts`.
 */
export const PEER_LINES_PER_SECOND = 10;

/**
 * How many bugs of handlers have their stacks logged, and how many frames of
 * each. `deno test -A tests/core/peer_log.test.ts`.
 */
export const MAX_LOGGED_BUGS = 16;
/** See {@linkcode MAX_LOGGED_BUGS}. */
export const MAX_LOGGED_FRAMES = 10;

/**
 * Interval, in milliseconds, at which a stopping runtime checks peers that were
 * sent FIN and have not responded. After the second check it no longer waits
 * for them. Longer than any round trip on earth.
 * `bun test ./tests/adapters/host.test.ts -t "does not answer"`.
 */
export const LOOK_AT_CLOSING_MS = 300;

// The adapters, src/adapters/.

/**
 * This many reads at once may mean that tokio, below Deno, has deferred others.
 * `deno test -A tests/adapters/many_at_once.test.ts`.
 */
export const DENO_CROWD = 100;

/**
 * How many sockets that are ready at once read together on Deno: these reads,
 * and as many writes in response, stay below tokio's limit of 128.
 * `npm run bench -- --load 500x1x128 --runtime deno`.
 */
export const DENO_READS_AT_ONCE = 64;

/**
 * The buffer that all sockets of Node read into, in bytes, a multiple of 64
 * KiB. `npm run bench -- --load 4x1M --runtime node`.
 */
export const NODE_READ_SIZE: number = 256 * 1024;

/**
 * Attempts to link the path of a Unix socket whose file keeps changing.
 * `deno test -A tests/adapters/unix_sockets.test.ts`.
 */
export const UNIX_LINK_ATTEMPTS = 3;

/**
 * The buffers that TLS decrypts into, in bytes, multiples of 64 KiB: Node
 * decrypts one record at a time, and Deno as much as one read delivers.
 * `npm run bench -- --load tls`.
 */
export const TLS_READ_SIZE = { node: 64 * 1024, deno: 128 * 1024 } as const;

/**
 * The most plaintext that is encrypted at once, and whose records may be queued
 * in the carrier, in bytes. `npm run bench -- --load tls`.
 */
export const ENCRYPTED_AT_ONCE: number = 64 * 1024;

/**
 * Records that are written together are joined in a buffer of this many bytes.
 * `npm run bench -- --load tls --runtime deno`.
 */
export const JOINED_RECORDS_SIZE: number = 128 * 1024;

/**
 * The buffers that a carrier reads into: the first is small, the next has four
 * times the size whenever a read fills it, up to the largest.
 * `npm run bench -- --load tls`.
 */
export const CARRIER_READ_SIZE = {
  smallest: 4 * 1024,
  largest: 128 * 1024,
} as const;

/**
 * After this many reads in a row that fill less than a quarter, that buffer
 * shrinks. A single short read may just be the rest of a message.
 * `npm run bench -- --load tls`.
 */
export const CARRIER_READS_TO_SHRINK = 8;

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
 * The share of `maxBufferedBytes` above which connections keep their queues
 * short. `bun test ./tests/adapters/host.test.ts -t maxBufferedBytes`.
 */
export const BUFFER_PRESSURE: number = 1 / 2;

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
 * How many times its size a buffer has after a read that filled it. It shrinks
 * by as much. `npm run bench -- --load 4x1M --runtime deno`.
 */
export const READ_GROWTH = 2;

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
 * The most that the buffer of a message may grow at once, as a multiple of its
 * content, if the size of the message is known: announcing a large message must
 * not cost memory by itself. `deno test -A tests/io/given_reads.test.ts`.
 */
export const KNOWN_GROWTH = 8;

/**
 * The same if the size is unknown: there may be nothing more to come.
 * `deno test -A tests/io/msg_reader.test.ts`.
 */
export const BLIND_GROWTH = 2;

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

/**
 * The first size of the buffer of a `BinaryWriter`, in bytes.
 * `npm run bench -- --load framed`.
 */
export const FIRST_WRITER_SIZE = 64;

/**
 * A writer that was used for a payload is kept for the next if it holds no more
 * bytes than this. `deno test -A tests/codec/spare_writer.test.ts`.
 */
export const LARGEST_SPARE_WRITER: number = 64 * 1024;

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

// Sampled times, src/stats/.

/**
 * The shortest interval between two measurements, in milliseconds, on average.
 * It limits the cost of reading the clock to 0.2 to 0.3 % of the time.
 * `npm run bench -- --load counting-alone`.
 */
export const TIMED_APART_MS = 0.1;

/**
 * How many of a burst are timed before any is skipped.
 * `npm run bench -- --load counting-alone`.
 */
export const TIMED_PER_ROUND = 16;

/**
 * At least one in this many is timed.
 * `deno test -A tests/stats/sampled_times.test.ts`.
 */
export const LARGEST_STRIDE = 64;

// Clients, servers and groups, src/toolkit/.

/**
 * The buffers for small messages to a group: one doubles when it was full and
 * still in use, up to the largest. `bun bench/broadcast.ts memory`.
 */
export const GROUP_BUFFER_SIZE = {
  smallest: 4 * 1024,
  largest: 64 * 1024,
} as const;

/**
 * If less than this share of such a buffer was used, the next one has half its
 * size. `bun bench/broadcast.ts memory`.
 */
export const LITTLE_USE: number = 1 / 4;

/**
 * Milliseconds before the same failure at an address is logged again.
 * `deno test -A tests/toolkit/keep_connected.test.ts`.
 */
export const SAME_FAILURE_MS = 60_000;

/**
 * If the time limit of a request is noticed this many milliseconds late, this
 * thread was busy, as the error then says.
 * `deno test -A tests/toolkit/request_blame.test.ts`.
 */
export const BUSY_THREAD_MS = 20;

/**
 * Milliseconds within which a repeated signal counts as the same one.
 * `deno test -A tests/toolkit/run_on_signals.test.ts`.
 */
export const SAME_SIGNAL_MS = 500;

// WebSockets, src/entries/websocket/.

/**
 * The buffer that the head of a request or of its answer is read into, in
 * bytes. `deno test -A tests/websocket/simulated.test.ts`.
 */
export const HEAD_READ_SIZE = 2048;

/**
 * The most bytes in one message that is sent, since peers have limits.
 * `deno test -A tests/websocket/host_sockets.test.ts`.
 */
export const LARGEST_SENT_MESSAGE: number = 2 ** 16;

/**
 * Milliseconds that a peer has to end a finished connection: one that violated
 * the protocol, was closed with a failure, or got a response instead of a
 * WebSocket. `deno test -A tests/websocket/simulated.test.ts`.
 */
export const FAREWELL_MS = 5000;

// Threads, src/threads/.

/**
 * Milliseconds beyond its time limits after which the stop of a worker is
 * forced. With the next, less than the 2 s that are promised.
 * `deno test -A tests/threads/stopping.test.ts`.
 */
export const STOP_MARGIN_MS = 1000;

/**
 * Milliseconds after which a worker that cannot be terminated is given up.
 * `deno test -A tests/threads/stopping.test.ts`.
 */
export const END_MARGIN_MS = 500;

/**
 * How many causes of an error are sent to another thread, one inside another.
 * `deno test -A tests/threads/error_record.test.ts`.
 */
export const MAX_SENT_CAUSES = 8;

/**
 * How many characters are sent of a message or a stack: what was thrown may
 * hold a whole message of a peer.
 * `deno test -A tests/threads/error_record.test.ts`.
 */
export const MAX_SENT_TEXT: number = 2 ** 16;

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
 * The first length of the column of numbers of a batch.
 * `npm run bench:threads -- --kind small`.
 */
export const FIRST_COLUMN_LENGTH = 256;

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
