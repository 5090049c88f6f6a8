/**
 * The numbers that were found by measuring, not by thinking. Each names the
 * command that shows its effect: run it before and after a change.
 */

// Commands, listeners and the log, src/core/.

/**
 * How many commands a turn executes before sockets are served again.
 * `npm run bench -- --load commands --load deferred`.
 */
export const COMMANDS_PER_TURN = 1024;

/**
 * How many commands may wait to be executed or completed: as many as a runtime
 * has ids for. `deno test -A tests/command_queue.test.ts`.
 */
export const MAX_PENDING_COMMANDS: number = 2 ** 20;

/**
 * The milliseconds that a listener waits after accepting has failed: first, and
 * at most after that was doubled again and again.
 * `deno test -A tests/accepting.test.ts`.
 */
export const ACCEPT_DELAY_MS = { first: 20, last: 1000 } as const;

/**
 * So many failures of single connections in a row may be chance; what comes
 * after them is taken for lasting. `deno test -A tests/accepting.test.ts`.
 */
export const ACCEPT_TRIES_AT_ONCE = 16;

/**
 * How many lines about peers, who can cause any number, are logged in a second.
 * `deno test -A tests/peer_log.test.ts`.
 */
export const PEER_LINES_PER_SECOND = 10;
