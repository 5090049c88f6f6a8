/**
 * Recording what connections receive and send.
 *
 * @module
 */

import { formatAddress } from "../api/address.ts";
import { checkFunction } from "../api/check_function.ts";
import { integer, OptionTable } from "../api/options/rules.ts";
import type {
  RecordedConnection,
  Recorder,
  RecorderHost,
  Tap,
} from "../api/recorder.ts";
import { EMPTY } from "../util/empty.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { summaryOf } from "../util/one_line.ts";
import { callGuarded } from "../util/promises.ts";
import { encoder } from "../util/utf8.ts";
import { EventKind, eventOf, headLine } from "./format.ts";
import { recordBy } from "./record_by.ts";

/**
 * The limits of a recording.
 *
 * @category Tools
 */
export interface RecordOptions {
  /** The most bytes to record, both directions together. 0 to 2^53 - 1, default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** How long to record, in milliseconds from when the connection opened. 1 to 2^31 - 1, default 600000: ten minutes. */
  readonly maxMs?: number | undefined;
}

/**
 * Receives the next bytes of a recording, and owns them. It is never called in
 * the middle of a read or a write, but in the next turn, and for the last time
 * when the connection closes. If it throws, or returns a promise that rejects,
 * the recording ends and a log line says so. Promises are not awaited.
 *
 * @param bytes The next bytes.
 *
 * @category Tools
 */
export type RecordingSink = (bytes: Uint8Array) => void;

/** The options of a recording. */
export const RECORD_OPTIONS: OptionTable<RecordOptions> = new OptionTable<
  RecordOptions
>({
  maxBytes: integer(0, Number.MAX_SAFE_INTEGER, 16 * 2 ** 20),
  maxMs: integer(1, MAX_INT32, 600_000),
});

/**
 * Creates a recorder that records each connection separately: what it receives
 * and sends, in which pieces and when, and how it ends. TLS traffic is recorded
 * in plain text, so a recording contains every secret that was sent.
 *
 * Pass it as the option `record` of a connect, of an accepted connection, or of
 * a runtime for all its connections. `simulate` can replay a recording to a
 * reactor.
 *
 * @param newSink Called for each connection when it opens. It returns the sink
 *   for that connection's recording, or undefined to record nothing. If it
 *   throws or returns anything else, the connection is not recorded, and a log
 *   line says why.
 * @param options The limits of each recording.
 * @returns The recorder.
 * @throws {InvalidCallbackError} If `newSink` is not a function.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category Tools
 * @example Record the first connection only
 * ```ts
 * import { DefaultTcpListenerHandler, lines, readRecording, recordTo, ReactRuntime, serve } from "@reactio/reactio";
 *
 * const pieces: Uint8Array[] = [];
 * let count = 0;
 * const record = recordTo(() =>
 *   count++ === 0 ? (bytes) => void pieces.push(bytes) : undefined
 * );
 * await using runtime = new ReactRuntime({ record });
 * const server = await runtime.listen("127.0.0.1:0", serve(lines(), (line) => line));
 * await server.close();
 * console.log(pieces.length); // 0: nobody has connected
 * ```
 */
export function recordTo(
  newSink: (connection: RecordedConnection) => RecordingSink | undefined,
  options: RecordOptions = {},
): Recorder {
  checkFunction(newSink, "record to");
  const limits = RECORD_OPTIONS.fill(options);
  return recordBy((connection, host) => {
    const sink = newSink(connection);
    if (sink === undefined) return undefined;
    checkFunction(sink, "record to");
    return new Recording(sink, limits, connection, host);
  });
}

/** The recording of one connection. */
class Recording implements Tap {
  readonly #sink: RecordingSink;
  readonly #limits: { readonly maxBytes: number; readonly maxMs: number };
  readonly #host: RecorderHost;
  readonly #startedAt: number;
  /** Microseconds from `#startedAt` to the last event. */
  #lastMicros = 0;
  #byteCount = 0;
  /** Events that the sink has not received yet. */
  #pending: Uint8Array[] = [];
  #isDue = false;
  #isOver = false;
  #hasFailed = false;

  constructor(
    sink: RecordingSink,
    limits: { readonly maxBytes: number; readonly maxMs: number },
    connection: RecordedConnection,
    host: RecorderHost,
  ) {
    this.#sink = sink;
    this.#limits = limits;
    this.#host = host;
    this.#startedAt = host.now();
    const { id, localAddress, remoteAddress, isAccepted } = connection;
    const about = {
      id,
      isAccepted,
      localAddress: formatAddress(localAddress),
      remoteAddress: formatAddress(remoteAddress),
      startedAt: host.wallNow(),
    };
    this.#pending.push(headLine());
    this.#add(EventKind.About, encoder.encode(JSON.stringify(about)));
  }

  onReceived(buffer: Uint8Array, length: number): void {
    this.#addTraffic(EventKind.Received, buffer, 0, length);
  }

  onSent(buffer: Uint8Array, start: number, end: number): void {
    this.#addTraffic(EventKind.Sent, buffer, start, end);
  }

  onEnd(): void {
    if (!this.#isOver) this.#add(EventKind.End, EMPTY);
  }

  onPeerEnd(): void {
    if (!this.#isOver) this.#add(EventKind.PeerEnd, EMPTY);
  }

  onClosed(reason: Error | undefined, isLost: boolean): void {
    if (this.#isOver) return;
    const why = reason === undefined ? "" : summaryOf(reason);
    this.#add(isLost ? EventKind.Lost : EventKind.Closed, encoder.encode(why));
    this.#isOver = true;
    this.#flush();
  }

  #addTraffic(
    kind: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.#isOver) return;
    const { maxBytes, maxMs } = this.#limits;
    this.#byteCount += end - start;
    if (this.#byteCount > maxBytes) return this.#stop("maxBytes");
    if (this.#host.now() - this.#startedAt > maxMs) return this.#stop("maxMs");
    this.#add(kind, buffer, start, end);
  }

  #add(kind: number, bytes: Uint8Array, start?: number, end?: number): void {
    const micros = Math.round((this.#host.now() - this.#startedAt) * 1000);
    const since = micros - this.#lastMicros;
    this.#lastMicros = micros;
    this.#pending.push(eventOf(kind, since, bytes, start, end));
    if (this.#isDue) return;
    this.#isDue = true;
    this.#host.defer(() => this.#flush());
  }

  #stop(limit: string): void {
    this.#add(EventKind.Stopped, encoder.encode(limit));
    this.#isOver = true;
    this.#host.stop();
  }

  /**
   * Never called in the middle of a read or a write, since it runs user code.
   */
  #flush(): void {
    this.#isDue = false;
    const pieces = this.#pending;
    this.#pending = [];
    for (const piece of pieces) {
      if (this.#hasFailed) return;
      callGuarded(() => this.#sink(piece), (thrown) => this.#fail(thrown));
    }
  }

  #fail(thrown: unknown): void {
    this.#hasFailed = this.#isOver = true;
    this.#host.stop(thrown);
  }
}
