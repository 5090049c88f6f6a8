/**
 * Recorded connections, played again.
 *
 * @module
 */

import { MessageResult } from "../api/message_result.ts";
import { custom, integer, OptionTable } from "../api/options/rules.ts";
import type { ConnectionOptions } from "../api/options/connection.ts";
import type { DispatchContext, Reactor } from "../api/reactor.ts";
import type { Tap } from "../api/recorder.ts";
import type {
  ConnectionRecording,
  RecordedEvent,
} from "../recording/recording.ts";
import { recordBy } from "../recording/record_by.ts";
import type { ReactRuntime } from "../runtime.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { isObject } from "../util/text.ts";
import type { SimNetwork } from "./network.ts";
import type { UntilOptions } from "./waits.ts";

/**
 * How a recording is played.
 *
 * @category Simulation
 */
export interface ReplayOptions {
  /** The options of the connection; pass those that it was recorded with. Default: the defaults of every connection. */
  readonly connection?: Omit<ConnectionOptions, "record"> | undefined;
  /** Milliseconds to wait, after the last recorded event, for the connection to close by itself. 0 to 2^31 - 1, default 1000. */
  readonly settleMs?: number | undefined;
}

/**
 * The result of a replay.
 *
 * @category Simulation
 */
export interface Replay {
  /** True if the connection has closed by itself, false if it was still open at the end of the replay. */
  readonly hasClosed: boolean;
  /** The reason that it was closed with; `undefined` if it closed cleanly, or not by itself. */
  readonly reason: Error | undefined;
  /** All bytes that the reactor has sent. */
  readonly sent: Uint8Array;
  /** Offset at which `sent` first differs from the recording; `undefined` if it does not differ. */
  readonly differsAt: number | undefined;
}

/** The options of a replay. */
export const REPLAY_OPTIONS: OptionTable<ReplayOptions> = new OptionTable<
  ReplayOptions
>({
  connection: custom<Omit<ConnectionOptions, "record">>(
    "an object",
    isObject,
    {},
  ),
  settleMs: integer(0, MAX_INT32, 1000),
});

/** The simulation in which something is played. */
export interface ReplaySimulation {
  readonly network: SimNetwork;
  runtime<UserCommand>(host: string): ReactRuntime<UserCommand>;
  until(condition: () => boolean, options?: UntilOptions): Promise<void>;
}

const PORT = 7;
/**
 * Milliseconds within which a process reads everything available. What comes
 * later is a separate read.
 */
const SHORTEST_GAP_MS = 0.05;

/** Plays `recording` against `reactor` in `sim`, on hosts of its own: those of the `turn`-th recording there. */
export async function playRecording<UserCommand>(
  sim: ReplaySimulation,
  recording: ConnectionRecording,
  reactor: Reactor<UserCommand>,
  options: ReplayOptions,
  turn: number,
): Promise<Replay> {
  const { connection, settleMs } = REPLAY_OPTIONS.fill(options);
  const [here, there] = [`recorded-${turn}`, `peer-${turn}`];
  sim.network.host(here, { writes: "counts" }); // it reads the most at once
  const recorded = sim.runtime<UserCommand>(here);
  const peerRuntime = sim.runtime<UserCommand>(there);
  // Each recorded read has to arrive by itself.
  sim.network.setLink(here, there, { latencyMs: 0, jitterMs: 0 });
  const tap = new ReplayTap();
  const peer = new ReplayPeer(recording);
  const record = recordBy(() => tap.begin());
  const settings = { ...connection, record };
  if (recording.isAccepted) {
    const listener = await recorded.listen(`${here}:${PORT}`, {
      onNewConnection: () => ({ reactor, ...settings }),
    });
    await peerRuntime.connect(`${here}:${PORT}`, peer);
    await sim.until(() => tap.hasBegun, { what: "the connection" });
    await listener.stopAccepting();
  } else {
    const listener = await peerRuntime.listen(`${there}:${PORT}`, {
      onNewConnection: () => ({ reactor: peer }),
    });
    // If the reactor refuses the connection in onConnected, the tap has the reason.
    await recorded.connect(`${there}:${PORT}`, reactor, settings)
      .catch((error) => {
        if (!tap.hasBegun) throw error;
      });
    await sim.until(() => peer.hasBegun, { what: "the connection" });
    await listener.stopAccepting();
  }
  await sim.until(() => tap.hasClosed || peer.hasPlayed, {
    timeoutMs: MAX_INT32,
    what: "the end of the recording",
  });
  await sim.until(() => tap.hasClosed, { timeoutMs: settleMs })
    .catch(() => {}); // it is still there
  const { hasClosed, reason } = tap;
  peer.leave();
  await sim.until(() => tap.hasClosed && peer.hasClosed, {
    what: "the end of the connection",
  });
  const { sent } = tap;
  return { hasClosed, reason, sent, differsAt: differenceIn(sent, recording) };
}

/** Notes what the connection under replay sends, and how it ends. */
class ReplayTap implements Tap {
  hasBegun = false;
  hasClosed = false;
  reason: Error | undefined = undefined;
  readonly #bytes: number[] = [];

  get sent(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  begin(): Tap {
    this.hasBegun = true;
    return this;
  }

  onReceived(): void {}

  onSent(buffer: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#bytes.push(buffer[at]);
  }

  onClosed(reason: Error | undefined): void {
    this.hasClosed = true;
    this.reason = reason;
  }
}

/** Does what the peer of a recorded connection did, when it did it. */
class ReplayPeer implements Reactor<never> {
  hasBegun = false;
  /** It has done all that was recorded. */
  hasPlayed = false;
  hasClosed = false;
  readonly #recording: ConnectionRecording;
  /** The remaining events, the next one first. */
  readonly #events: RecordedEvent[];
  /** It ended its direction in answer to the other end. */
  readonly #answersEnd: boolean;
  #ctx: DispatchContext<never> | undefined = undefined;
  /** When the last event happened. */
  #atMs = 0;

  constructor(recording: ConnectionRecording) {
    const { events } = recording;
    const end = events.findIndex(({ type }) => type === "end");
    const peerEnd = events.findIndex(({ type }) => type === "peerEnd");
    this.#recording = recording;
    this.#answersEnd = end >= 0 && end < peerEnd;
    this.#events = events.filter(({ type }) =>
      type === "received" || type === "peerEnd" && !this.#answersEnd
    );
  }

  onConnected(ctx: DispatchContext<never>): void {
    this.hasBegun = true;
    this.#ctx = ctx;
    this.#goOn(ctx);
  }

  onInboundMessage(buf: Uint8Array): MessageResult {
    return MessageResult.dropMsgSize(buf.length);
  }

  onPeerEnd(ctx: DispatchContext<never>): void {
    if (this.#answersEnd) ctx.end();
  }

  onClose(): void {
    this.hasPlayed = this.hasClosed = true;
  }

  leave(): void {
    this.#ctx?.abort();
  }

  #goOn(ctx: DispatchContext<never>): void {
    const event = this.#events.shift();
    const atMs = event?.atMs ?? this.#recording.endsAtMs;
    const delayMs = Math.max(SHORTEST_GAP_MS, atMs - this.#atMs);
    this.#atMs += delayMs;
    ctx.after(delayMs, () => this.#play(event, ctx));
  }

  #play(event: RecordedEvent | undefined, ctx: DispatchContext<never>): void {
    if (event === undefined) {
      this.hasPlayed = true;
      if (this.#recording.ending === "lost") ctx.abort();
      return;
    }
    if (event.type === "received") ctx.sendOrQueue(event.bytes);
    else ctx.end();
    this.#goOn(ctx);
  }
}

function differenceIn(
  sent: Uint8Array,
  { events }: ConnectionRecording,
): number | undefined {
  let at = 0;
  for (const { type, bytes } of events) {
    if (type !== "sent") continue;
    for (const byte of bytes) {
      if (sent[at] !== byte) return at;
      at++;
    }
  }
  return at === sent.length ? undefined : at;
}
