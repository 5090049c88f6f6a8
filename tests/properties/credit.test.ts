import assert from "node:assert/strict";
import { describe } from "node:test";
import { MessageResult } from "../../mod.ts";
import { BufferPool } from "../../src/io/buffer_pool.ts";
import { InboundBuffer, UNCOUNTED } from "../../src/io/inbound_buffer.ts";
import { type CaseDraw, property } from "./property.ts";

/** A request to the reader: credit for a number of messages, 0 to pause, or "resume" to read without counting. */
type Ask = number | "resume";

interface Case {
  readonly strategy: "tryReadFastRead" | "tryReadFastDispatch";
  readonly announces: boolean;
  /** Sizes of the messages in bytes; the first byte encodes the size, in units of 1 or of 100. */
  readonly sizes: readonly number[];
  readonly reads: readonly number[];
  /** The requests made in each call of the handler, whether the message is complete or not. */
  readonly inside: readonly (readonly Ask[])[];
  /** The requests made before each read. */
  readonly between: readonly (readonly Ask[])[];
}

function drawAsk(draw: CaseDraw): Ask {
  return draw.pick<Ask>([1, 2, 3, 10, 0, "resume"]);
}

function drawCase(draw: CaseDraw): Case {
  const largest = draw.pick([3, 100, 9000]);
  return {
    strategy: draw.pick(["tryReadFastRead", "tryReadFastDispatch"]),
    announces: draw.chance(0.5),
    sizes: draw.list(40, () => 3 + draw.size(largest)),
    reads: draw.list(10, () => 1 + draw.size(3 * largest)),
    inside: draw.list(
      12,
      () => draw.chance(0.4) ? draw.list(3, drawAsk) : [],
    ),
    between: draw.list(12, () => draw.list(3, drawAsk)),
  };
}

/** A reader as a connection uses it, and the credit it was given. */
class Counted {
  readonly #case: Case;
  readonly #bytes: Uint8Array;
  readonly #reader: InboundBuffer;
  #read = 0;
  #handedOut = 0;
  #calls = 0;
  /** How many messages may be delivered. */
  #left = Infinity;

  constructor(theCase: Case) {
    this.#case = theCase;
    const { sizes } = theCase;
    this.#bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    for (const size of sizes) {
      new DataView(this.#bytes.buffer).setUint16(at, size);
      at += size;
    }
    this.#reader = new InboundBuffer(
      new BufferPool(),
      { recvBufferMinSize: 1024, maxMessageSize: 2 ** 20 },
      {
        onResultRejected: (thrown) => assert.fail(`${thrown}`),
        onTaken: () => {},
        onManyMessages: () => {},
        onCreditSpent: () => {
          assert.equal(this.#left, 0, "told when it is spent");
          this.#reader.isPaused = true;
        },
      },
    );
  }

  run(): void {
    const { reads, between } = this.#case;
    const { length } = this.#bytes;
    for (let i = 0; this.#read < length; i++) {
      this.#askAll(between[i]);
      this.#look();
      if (this.#reader.isPaused) this.#ask(i % 2 === 0 ? 1 : "resume");
      this.#look();
      if (this.#reader.isPaused) continue; // reading continues only without a pause
      const end = Math.min(this.#read + (reads[i] ?? length), length);
      this.#reader.receive(
        this.#bytes.slice(this.#read, end),
        end - this.#read,
      );
      this.#read = end;
      this.#look();
    }
    this.#ask("resume");
    while (this.#reader.bytesBuffered > 0) {
      this.#look();
      this.#ask("resume");
    }
    assert.equal(this.#handedOut, this.#case.sizes.length);
  }

  #look(): void {
    this.#reader[this.#case.strategy](undefined, this);
    this.#reader.retain();
    assert.equal(this.#reader.isPaused, this.#left === 0, "paused without");
  }

  #askAll(asks: readonly Ask[] | undefined): void {
    for (const ask of asks ?? []) this.#ask(ask);
  }

  /** Does what the connection does, and updates the model. */
  #ask(ask: Ask): void {
    if (ask === "resume") {
      this.#reader.setCredit(UNCOUNTED);
      this.#left = Infinity;
    } else if (ask === 0) {
      this.#reader.setCredit(0);
      this.#left = 0;
    } else {
      this.#reader.grant(ask);
      this.#left = (this.#left === Infinity ? 0 : this.#left) + ask;
    }
    this.#reader.isPaused = this.#left === 0;
  }

  onInboundMessage(buf: Uint8Array): MessageResult {
    assert.ok(this.#left > 0, "not one too many");
    const size = buf.length < 2 ? 0 : buf[0] * 256 + buf[1];
    const isWhole = size > 0 && buf.length >= size;
    if (isWhole) this.#left--;
    this.#askAll(this.#case.inside[this.#calls++]);
    if (!isWhole) {
      return MessageResult.expectMsgSize(this.#case.announces ? size : 0);
    }
    assert.equal(size, this.#case.sizes[this.#handedOut++], "in order");
    return MessageResult.dropMsgSize(size);
  }
}

describe("credit", () => {
  property(
    "a reader hands out exactly as many messages as were asked for, whoever asks when",
    { runs: 1000 },
    drawCase,
    (theCase) => new Counted(theCase).run(),
  );
});
