/**
 * Testing codecs.
 *
 * @module
 */

import { CodecTestError } from "../api/errors.ts";
import {
  aFunction,
  check,
  custom,
  flag,
  integer,
  OptionTable,
} from "../api/options/rules.ts";
import type { Codec } from "../codec/codec.ts";
import { SimRandom } from "../sim/random.ts";
import { checkCodec } from "../toolkit/messages/check_codec.ts";
import { type CodecCase, drawCase, linesOf } from "./codec_case.ts";
import { CodecFault } from "./codec_fault.ts";
import { checkOnConnections } from "./connection_checks.ts";
import { Draw } from "./draw.ts";
import { checkRefused, encodeAll } from "./encoding_checks.ts";
import {
  checkDamaged,
  checkEndless,
  checkInvalid,
  checkRoundTrip,
  type Comparison,
} from "./reading_checks.ts";
import { isSame } from "./same.ts";
import { show } from "./show.ts";
import { Simplifier } from "./simplify.ts";
import { MAX_INT32 } from "../util/limits.ts";

/**
 * Options of {@linkcode testCodec}.
 *
 * @category Codecs
 */
export interface TestCodecOptions<Received, Sent = Received> {
  /**
   * The codec of the other end, if it is a different one: a server, for
   * example, reads requests and sends answers. `codec` writes the messages and
   * `peer` reads them, so `views` and `invalid` are for `peer`. Test the other
   * direction in a second call, with the two swapped. Default: `codec` reads
   * what it wrote.
   */
  readonly peer?: Codec<Received, never> | undefined;
  /** Messages that can be sent. Required if there is no `arbitrary`. */
  readonly values?: readonly Sent[] | undefined;
  /**
   * Generates a message that can be sent.
   *
   * @param random The only source of randomness to use. This allows the test to
   *   repeat a case, and to shrink it by drawing smaller numbers.
   * @returns The message.
   */
  readonly arbitrary?: ((random: SimRandom) => Sent) | undefined;
  /**
   * Messages that cannot be sent, such as one that is too large. `encode` must
   * throw for each.
   */
  readonly refused?: readonly Sent[] | undefined;
  /**
   * Bytes that no peer may send. `frameSize` or `decode` must throw for each.
   */
  readonly invalid?: readonly Uint8Array[] | undefined;
  /**
   * Compares two messages. By default they must have the same type and deeply
   * equal contents.
   *
   * @param received The decoded message.
   * @param sent The encoded message.
   * @returns False, or throws, if they differ.
   */
  readonly equals?:
    | ((received: Received, sent: Sent) => boolean | void)
    | undefined;
  /** Whether received messages are, or contain, views of the read buffer, valid only while their handler runs. Default false. */
  readonly views?: boolean | undefined;
  /** The seed of the first round; the others follow. A safe integer, default 1. */
  readonly seed?: number | undefined;
  /** How many rounds there are. 1 to 2^31 - 1, default 200. */
  readonly rounds?: number | undefined;
}

/** The options of {@linkcode testCodec}. */
export const TEST_CODEC_OPTIONS: OptionTable<TestCodecOptions<never>> =
  new OptionTable<TestCodecOptions<never>>({
    peer: custom<Codec<never, never>>("a codec", (codec) => {
      checkCodec(codec as Codec<never, never>);
      return true;
    }),
    values: custom<readonly never[]>("a list", Array.isArray),
    arbitrary: aFunction<(random: SimRandom) => never>(),
    refused: custom<readonly never[]>("a list", Array.isArray),
    invalid: custom<readonly Uint8Array[]>("a list", Array.isArray),
    equals: aFunction<(received: never, sent: never) => boolean | void>(),
    views: flag(false),
    seed: custom<number>("a safe integer", Number.isSafeInteger, 1),
    rounds: integer(1, MAX_INT32, 200),
  });

/**
 * The report of {@linkcode testCodec}.
 *
 * @category Codecs
 */
export interface CodecTestReport {
  /** Number of rounds. */
  readonly rounds: number;
  /** Number of messages sent in these rounds. */
  readonly messages: number;
  /** Total size of these messages in bytes. */
  readonly bytes: number;
}

/** The most cases to try when looking for a simpler one. */
const MAX_TRIES = 2000;

/**
 * Tests whether a codec keeps the promises of {@linkcode Codec}, and throws if
 * it does not. Works in any test runner.
 *
 * Each round generates some messages and encodes them behind other bytes in the
 * writer. The codec then reads them in one piece, byte by byte, and cut at
 * random, with other bytes around them; then again truncated, and damaged.
 * However the bytes are cut, the decoded messages must equal those sent. No
 * message may change when its read buffer is overwritten, and bad input may be
 * refused, but must not cause any other failure. One round in twenty also runs
 * on connections of a simulated network: one that ends cleanly, one that ends
 * in the middle of a frame, and one that delivers damaged bytes. Finally, the
 * codec must refuse endless frames at `maxFrameSize`, and everything in
 * `refused` and `invalid`.
 *
 * If a round fails, `testCodec` looks for the smallest messages and cuts that
 * still fail. The error shows them, gives advice, and names the seed that
 * repeats the failure.
 *
 * @param codec The codec.
 * @param options The messages to send, and how to compare them.
 * @returns Resolves to a report.
 * @throws {CodecTestError} If the codec breaks a promise.
 * @throws {InvalidCodecError} If `codec` or `peer` is not a codec.
 * @throws {InvalidOptionError} If an option is out of range, or there are
 *   neither `values` nor `arbitrary`.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { lengthPrefixed, lines, testCodec } from "@reactio/reactio";
 *
 * await testCodec(lines({ max: 100 }), {
 *   values: ["", "hello", "grüße, €"],
 *   refused: ["two\nlines", "x".repeat(100)],
 *   invalid: [Uint8Array.of(0xff, 0x0a)],
 * });
 * const { rounds } = await testCodec(lengthPrefixed({ bytes: 2 }), {
 *   arbitrary: (random) => random.bytes(random.integer(0, 300)),
 *   views: true,
 * });
 * console.log(rounds); // 200
 * ```
 */
export async function testCodec<Received, Sent = Received, Read = Received>(
  codec: Codec<Received, Sent>,
  options: TestCodecOptions<Read, Sent>,
): Promise<CodecTestReport> {
  checkCodec(codec);
  const settings = TEST_CODEC_OPTIONS.fill(
    options as unknown as TestCodecOptions<never>,
  ) as unknown as TestCodecOptions<Read, Sent>;
  const { peer = codec as Codec<unknown, never> as Codec<Read, never> } =
    settings;
  const test = new CodecTest(codec, peer, settings);
  await test.run();
  return test.report;
}

/** A round that fails. */
interface FailedCase<Sent> {
  readonly draw: Draw;
  readonly codecCase: CodecCase<Sent>;
  readonly error: unknown;
}

class CodecTest<Received, Sent> {
  readonly report = { rounds: 0, messages: 0, bytes: 0 };
  readonly #codec: Codec<unknown, Sent>;
  readonly #peer: Codec<Received, never>;
  readonly #options: TestCodecOptions<Received, Sent>;
  readonly #comparison: Comparison<Received, Sent>;
  readonly #drawMessage: (draw: Draw) => Sent;
  readonly #seed: number;
  readonly #rounds: number;

  constructor(
    codec: Codec<unknown, Sent>,
    peer: Codec<Received, never>,
    options: TestCodecOptions<Received, Sent>,
  ) {
    const { values = [], arbitrary, equals = isSame, views = false } = options;
    const { seed = 1, rounds = 1 } = options;
    check(
      "values",
      values,
      values.length > 0 || arbitrary !== undefined,
      "a list of messages, not empty unless there is an arbitrary",
    );
    this.#codec = codec;
    this.#peer = peer;
    this.#options = options;
    this.#comparison = { equals, views };
    this.#drawMessage = (draw) => {
      const isMadeUp = arbitrary !== undefined &&
        (values.length === 0 || draw.chance(0.5));
      return isMadeUp ? arbitrary(draw) : draw.pick(values);
    };
    this.#seed = seed;
    this.#rounds = rounds;
  }

  async run(): Promise<void> {
    const { refused = [], invalid = [] } = this.#options;
    const end = this.#seed + this.#rounds;
    for (let seed = this.#seed; seed < end; seed++) {
      const failure = await this.#attempt(new SimRandom(seed), seed);
      if (failure === undefined) continue;
      const { error, codecCase } = await this.#simplest(failure, seed);
      throw codecTestError(error, storyOf(codecCase, seed));
    }
    this.#checkOnce(() => checkEndless(this.#peer));
    this.#checkOnce(() => checkRefused(this.#codec, refused));
    this.#checkOnce(() => checkInvalid(this.#peer, invalid));
  }

  /** Draws a case and plays it. Returns undefined if it passes. */
  async #attempt(
    source: SimRandom | readonly number[],
    seed: number,
  ): Promise<FailedCase<Sent> | undefined> {
    const draw = new Draw(source);
    const codecCase = drawCase(draw, this.#drawMessage);
    try {
      await this.#play(codecCase, seed);
      return undefined;
    } catch (error) {
      return { draw, codecCase, error };
    }
  }

  async #play(codecCase: CodecCase<Sent>, seed: number): Promise<void> {
    const codec = this.#codec;
    const peer = this.#peer;
    const comparison = this.#comparison;
    const stream = encodeAll(codec, codecCase, peer.maxFrameSize);
    checkRoundTrip(peer, codecCase, stream, comparison);
    checkDamaged(peer, codecCase, stream);
    if (codecCase.isConnected) {
      await checkOnConnections(
        codec,
        peer,
        seed,
        codecCase,
        stream,
        comparison,
      );
    }
    this.report.rounds++;
    this.report.messages += codecCase.messages.length;
    this.report.bytes += stream.bytes.length;
  }

  async #simplest(
    failure: FailedCase<Sent>,
    seed: number,
  ): Promise<FailedCase<Sent>> {
    let best = failure;
    const simplifier = new Simplifier(failure.draw);
    const candidates = simplifier.candidates();
    let next = candidates.next();
    for (let tries = 0; !next.done && tries < MAX_TRIES; tries++) {
      const other = await this.#attempt(next.value, seed);
      next = candidates.next(other?.draw);
      if (other?.draw === simplifier.best) best = other;
    }
    return best;
  }

  #checkOnce(check: () => void): void {
    try {
      check();
    } catch (error) {
      throw codecTestError(error);
    }
  }
}

function codecTestError(error: unknown, story = ""): CodecTestError {
  const advice = error instanceof CodecFault ? `\n\n${error.advice}` : "";
  const what = error instanceof CodecFault ? error.message : show(error);
  return new CodecTestError(`The codec is broken. ${what}.${advice}${story}`, {
    cause: error,
  });
}

/** Describes the failed case, and how to repeat it. */
function storyOf(codecCase: CodecCase<unknown>, seed: number): string {
  return `

The smallest case found:
  ${linesOf(codecCase).join("\n  ")}

To repeat it: testCodec(codec, { ...options, seed: ${seed}, rounds: 1 })`;
}
