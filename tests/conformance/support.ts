import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type Adapter,
  type DispatchContext,
  LogLevel,
  type LogRecord,
  type LogSink,
  ReactRuntime,
  type RuntimeOptions,
  setLogLevel,
  setLogSink,
} from "../../mod.ts";
import { steadyClock, STEP_MS } from "../support/steady_clock.ts";

export { echo, sink } from "../threads/plain_reactors.ts";

/** The address on which the tests listen: a port that the system chooses. */
export const ANY_PORT = "127.0.0.1:0";

/**
 * Runs `body` with a runtime on `adapter`, which is stopped afterwards and must
 * then be empty.
 */
export async function withRuntime<UserCommand>(
  adapter: Adapter,
  options: Omit<RuntimeOptions, "adapter">,
  body: (runtime: ReactRuntime<UserCommand>) => Promise<void>,
): Promise<void> {
  const runtime = new ReactRuntime<UserCommand>({ ...options, adapter });
  try {
    await body(runtime);
  } finally {
    await runtime.stop({ graceMs: 0 });
  }
  assert.equal(runtime.reactorCount, 0);
  assert.equal(runtime.connectionCount, 0);
  assert.equal(runtime.deferredCommandCount, 0);
}

/** Runs `body` with two runtimes on `adapter`, each as {@linkcode withRuntime} does. */
export function withTwoRuntimes(
  adapter: Adapter,
  body: (first: ReactRuntime, second: ReactRuntime) => Promise<void>,
): Promise<void> {
  return withRuntime(
    adapter,
    {},
    (first: ReactRuntime) =>
      withRuntime(
        adapter,
        {},
        (second: ReactRuntime) => body(first, second),
      ),
  );
}

/** Runs `body` with the log off, for tests in which handlers throw. */
export async function quietly(body: () => Promise<void>): Promise<void> {
  setLogLevel(LogLevel.Off);
  try {
    await body();
  } finally {
    setLogLevel(LogLevel.Info);
  }
}

/**
 * Collects log lines about peers, and counts them including the suppressed
 * ones.
 */
export class PeerLines {
  readonly lines: LogRecord[] = [];
  heldBackCount = 0;

  get count(): number {
    return this.lines.length + this.heldBackCount;
  }

  readonly sink = (record: LogRecord): void => {
    const more = /^(\d+) more lines? about peers and commands/.exec(
      `${record.parts[0]}`,
    );
    if (more === null) this.lines.push(record);
    else this.heldBackCount += Number(more[1]);
  };
}

/** Runs `body` and captures the log. */
export async function logging(
  sink: LogSink,
  body: () => Promise<void>,
): Promise<void> {
  const before = setLogSink(sink);
  try {
    await body();
  } finally {
    setLogSink(before);
  }
}

/**
 * Resolves when `condition` holds. Rejects if it does not within `timeoutMs` of
 * the steady clock.
 */
export async function eventually(
  condition: () => boolean,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const end = steadyClock.now() + timeoutMs;
  while (!condition()) {
    assert.ok(steadyClock.now() < end, `not within ${timeoutMs} ms: ${what}`);
    await sleep(1);
  }
}

/**
 * Resolves after `ms` milliseconds of the steady clock: whatever is under way
 * on this machine has had that long, too. Of short sleeps, those that begin
 * first end first.
 */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= STEP_MS) setTimeout(resolve, ms);
    else steadyClock.setTimer(resolve, ms);
  });
}

/**
 * The byte at `position` of the pattern, whose period is not a power of two.
 */
export function patternByte(position: number): number {
  return (position % 251) ^ ((position >>> 8) % 241);
}

/** The period of the pattern. */
const PATTERN_PERIOD = 251 * 241 * 256;

/** The longest contiguous piece of the pattern. */
const LONGEST = 3 * PATTERN_PERIOD;

/**
 * The pattern, as far as it has been needed: computing or copying each byte
 * again would take up most of the tests' time.
 */
let patternBytes = new Uint8Array(0);

/**
 * The pattern from `start`, which must be less than the period, to `end`. Must
 * not be changed.
 */
function patternPart(start: number, end: number): Uint8Array {
  const made = patternBytes.length;
  if (end > made) {
    const bytes = new Uint8Array(
      Math.min(Math.max(end, 2 * made), LONGEST),
    );
    bytes.set(patternBytes);
    const computed = Math.min(bytes.length, PATTERN_PERIOD);
    for (let i = made; i < computed; i++) bytes[i] = patternByte(i);
    for (let at = computed; at < bytes.length; at += PATTERN_PERIOD) {
      bytes.copyWithin(at, 0, Math.min(PATTERN_PERIOD, bytes.length - at));
    }
    patternBytes = bytes;
  }
  return patternBytes.subarray(start, end);
}

/** Longer pieces of the pattern are not copied. */
const LARGE = 4096;

/**
 * Bytes of the pattern from `position` on. If `length` is large, they must not
 * be changed.
 */
export function pattern(position: number, length: number): Uint8Array {
  const from = position % PATTERN_PERIOD;
  if (length >= LARGE && from + length <= LONGEST) {
    return patternPart(from, from + length);
  }
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length;) {
    const start = (position + i) % PATTERN_PERIOD;
    const part = patternPart(start, Math.min(start + length - i, LONGEST));
    bytes.set(part, i);
    i += part.length;
  }
  return bytes;
}

/** Checks every byte against the pattern. */
export class PatternChecker {
  /** Number of bytes checked. */
  received = 0;

  check(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length;) {
      const start = this.received % PATTERN_PERIOD;
      const end = Math.min(start + bytes.length - i, LONGEST);
      const expected = patternPart(start, end);
      const part = bytes.subarray(i, i + expected.length);
      if (Buffer.compare(part, expected) !== 0) {
        const wrong = part.findIndex((byte, at) => byte !== expected[at]);
        assert.fail(`byte ${this.received + wrong} is wrong`);
      }
      this.received += part.length;
      i += part.length;
    }
  }
}

/** A promise that is settled from outside. */
export function signal<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** The context of a connection, for tests that act on it from outside. */
export type Context<UserCommand = unknown> = DispatchContext<UserCommand>;
