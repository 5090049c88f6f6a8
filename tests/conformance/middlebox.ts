import {
  type Address,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactRuntime,
} from "../../mod.ts";
import { ANY_PORT } from "./support.ts";

/** How a {@linkcode Middlebox} tells the server the client's address. */
export interface Introduction {
  readonly header: string;
  /**
   * True to send it together with the client's first bytes, not ahead of them.
   */
  readonly isJoined: boolean;
}

/**
 * Stands between a client and a server, forwards all bytes, and can end the
 * connection without either of them.
 */
export class Middlebox {
  readonly address: Address;
  readonly #ends: Set<DispatchContext>;
  readonly #fromClient: Held;

  private constructor(
    address: Address,
    ends: Set<DispatchContext>,
    fromClient: Held,
  ) {
    this.address = address;
    this.#ends = ends;
    this.#fromClient = fromClient;
  }

  static async open(
    runtime: ReactRuntime,
    target: Address,
    introduction?: Introduction,
  ): Promise<Middlebox> {
    const ends = new Set<DispatchContext>();
    const held = new Held();
    const { address } = await runtime.listen(ANY_PORT, {
      onNewConnection: () => ({
        reactor: near(runtime, target, ends, held, introduction),
      }),
    });
    return new Middlebox(address, ends, held);
  }

  /**
   * Holds back what the client sends from now on, except for the first `passed`
   * reads.
   */
  hold(passed = 0): void {
    this.#fromClient.toPass = passed;
  }

  /**
   * Number of bytes held back, and whether the client has ended the connection.
   */
  get held(): { readonly size: number; readonly isEnd: boolean } {
    return this.#fromClient;
  }

  /** Forwards the held bytes in one piece. */
  release(): void {
    this.#fromClient.pass();
  }

  /** The same, and sends FIN behind it. */
  releaseAndEnd(): void {
    this.release();
    this.#fromClient.far?.end();
  }

  /** Resets the connection to the server, if its runtime can. */
  reset(): void {
    this.#fromClient.far?.abort();
  }

  /** Sends `bytes` to both ends, as if they came from the other one. */
  insert(bytes: Uint8Array): void {
    for (const end of this.#ends) end.sendOrQueue(bytes);
  }

  /** Sends FIN in both directions. */
  cut(): void {
    for (const end of this.#ends) end.end();
  }
}

/** Bytes of a client that are held back. */
class Held {
  /** How many reads to forward before holding back the rest. */
  toPass = Infinity;
  isEnd = false;
  /** The connection to the server. */
  far: DispatchContext | undefined;
  #bytes = new Uint8Array(0);

  get size(): number {
    return this.#bytes.length;
  }

  get isOn(): boolean {
    return this.toPass === 0;
  }

  add(bytes: Uint8Array): void {
    this.#bytes = Uint8Array.from([...this.#bytes, ...bytes]);
  }

  pass(): void {
    this.far?.sendOrQueue(this.#bytes);
  }
}

/** The end towards the client, which connects to the server. */
function near(
  runtime: ReactRuntime,
  target: Address,
  ends: Set<DispatchContext>,
  held: Held,
  introduction: Introduction | undefined,
): Reactor {
  let owed = new TextEncoder().encode(introduction?.header);
  return {
    async onConnected(ctx) {
      ctx.pauseReading();
      ends.add(ctx);
      await runtime.connect(target, {
        onConnected(other) {
          held.far = other;
          ends.add(other);
          if (introduction?.isJoined === false) {
            other.sendOrQueue(owed);
            owed = new Uint8Array(0);
          }
          ctx.resumeReading();
        },
        onInboundMessage(buf) {
          ctx.sendOrQueue(buf);
          return MessageResult.dropMsgSize(buf.length);
        },
        onPeerEnd: () => ctx.end(),
        onClose: () => ctx.close(),
      });
    },
    onInboundMessage(buf) {
      if (held.isOn) held.add(buf);
      else {
        held.far?.sendOrQueue(Uint8Array.from([...owed, ...buf]));
        held.toPass--;
      }
      owed = new Uint8Array(0);
      return MessageResult.dropMsgSize(buf.length);
    },
    onPeerEnd() {
      held.isEnd = true;
      if (!held.isOn) held.far?.end();
    },
    onClose() {
      if (!held.isOn) held.far?.close();
    },
  };
}
