import type { Codec } from "../codec/codec.ts";
import { DefaultTcpListenerHandler } from "../helpers/default_listener.ts";
import { type SimulationError, TruncatedMessageError } from "../api/errors.ts";
import { MessageResult } from "../api/message_result.ts";
import type { Reactor } from "../api/reactor.ts";
import { simulate } from "../sim/simulate.ts";
import type { Simulation } from "../sim/simulation.ts";
import { framed } from "../toolkit/messages/framed.ts";
import type { CodecCase } from "./codec_case.ts";
import { damaged } from "./codec_case.ts";
import { CodecFault } from "./codec_fault.ts";
import type { Outcome } from "./codec_reading.ts";
import type { Stream } from "./encoding_checks.ts";
import { checkMessage, type Comparison, outcomeOf } from "./reading_checks.ts";
import { show } from "./show.ts";
import { countOf } from "../util/text.ts";

/** What the server of one connection has observed. */
interface Observed {
  /** Number of messages received. */
  count: number;
  reason: Error | undefined;
  isClosed: boolean;
}

/**
 * Plays a case on a simulated network with three simultaneous connections: one
 * delivers all messages, one ends in the middle, and one delivers damaged
 * bytes.
 */
export async function checkOnConnections<Received, Sent>(
  codec: Codec<unknown, Sent>,
  peer: Codec<Received, never>,
  seed: number,
  codecCase: CodecCase<Sent>,
  stream: Stream,
  comparison: Comparison<Received, Sent>,
): Promise<void> {
  const { messages, missing, damage } = codecCase;
  const { bytes } = stream;
  const shorter = bytes.slice(0, Math.max(0, bytes.length - missing));
  const wrong = damaged(bytes, damage);
  const scenario = async (sim: Simulation) => {
    const whole = await observe(
      sim,
      "whole",
      peer,
      (message, index) => checkMessage(message, messages[index], comparison),
    );
    const cut = await observe(
      sim,
      "cut",
      peer,
      (message, index) => checkMessage(message, messages[index], comparison),
    );
    const broken = await observe(sim, "broken", peer, () => {});
    const client = sim.runtime("client");
    await client.connect(
      "whole:80",
      framed(codec, {
        onConnected(ctx) {
          for (const message of messages) ctx.send(message);
          ctx.close();
        },
        onMessage() {},
      }),
    );
    await client.connect("cut:80", sendingAll(shorter));
    await client.connect("broken:80", sendingAll(wrong));
    await sim.until(
      () => [whole, cut, broken].every(({ isClosed }) => isClosed),
      { what: "the end of all connections" },
    );
    checkObserved("the sent", whole, expected(peer, bytes));
    checkObserved("a truncated", cut, expected(peer, shorter));
    checkObserved("a damaged", broken, expected(peer, wrong));
  };
  try {
    await simulate(
      { seeds: [seed], faults: "gentle", maxShrinkRuns: 0 },
      scenario,
    );
  } catch (error) {
    const { cause } = error as SimulationError;
    throw cause instanceof CodecFault ? cause : error;
  }
}

async function observe<Received>(
  sim: Simulation,
  host: string,
  codec: Codec<Received, never>,
  check: (message: Received, index: number) => void,
): Promise<Observed> {
  const observed: Observed = { count: 0, reason: undefined, isClosed: false };
  await sim.runtime(host).listen(
    "0.0.0.0:80",
    new DefaultTcpListenerHandler(() =>
      framed(codec, {
        onMessage: (message) => check(message, observed.count++),
        onClose(reason) {
          observed.reason = reason;
          observed.isClosed = true;
        },
      })
    ),
  );
  return observed;
}

/** Sends `bytes`, and then closes. */
function sendingAll(bytes: Uint8Array): Reactor {
  return {
    onConnected(ctx) {
      ctx.sendOrQueue(bytes);
      ctx.close();
    },
    onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
  };
}

/** Returns the result of reading the whole stream at once. */
function expected<Received>(
  codec: Codec<Received, never>,
  bytes: Uint8Array,
): Outcome<Received> & { isTruncated: boolean } {
  const outcome = outcomeOf(codec, bytes, () => bytes.length);
  const end = outcome.ends.at(-1) ?? 0;
  return {
    ...outcome,
    isTruncated: outcome.error === undefined && end < bytes.length,
  };
}

function checkObserved(
  which: string,
  { count, reason }: Observed,
  { ends, error, isTruncated }: ReturnType<typeof expected>,
): void {
  if (reason instanceof CodecFault) throw reason;
  const isRight = error !== undefined
    ? reason !== undefined
    : isTruncated
    ? reason instanceof TruncatedMessageError
    : reason === undefined;
  if (isRight && count === ends.length) return;
  const why = error !== undefined
    ? show(error)
    : isTruncated
    ? "TruncatedMessageError"
    : "cleanly";
  throw new CodecFault(
    `A connection with ${which} stream hands out ${
      countOf(count, "message")
    } and closes with ${show(reason)}, instead of ${ends.length} and ${why}`,
    "The results of frameSize and decode must not depend on other connections, nor on how many bytes have arrived.",
  );
}
