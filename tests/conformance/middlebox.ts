import {
  type Address,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactRuntime,
} from "../../mod.ts";
import { ANY_PORT } from "./support.ts";

/** How a {@linkcode Middlebox} tells the server where the client is. */
export interface Introduction {
  readonly header: string;
  /** In one piece with what the client says first, and not ahead of it. */
  readonly isJoined: boolean;
}

/** Stands between a client and a server, passes on all that they say, and can end their connection below what they say. */
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

  /** From now on keeps what the client says, but for the first `passed` reads. */
  hold(passed = 0): void {
    this.#fromClient.toPass = passed;
  }

  /** How many bytes are kept, and whether the client has ended the connection. */
  get held(): { readonly size: number; readonly isEnd: boolean } {
    return this.#fromClient;
  }

  /** Passes on what it has kept, in one piece. */
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

  /** Says `bytes` to both ends, as if the other one had. */
  insert(bytes: Uint8Array): void {
    for (const end of this.#ends) end.sendOrQueue(bytes);
  }

  /** Sends FIN both ways. */
  cut(): void {
    for (const end of this.#ends) end.end();
  }
}

/** What a client says, while that is kept. */
class Held {
  /** So many reads are passed on before what follows is kept. */
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

/** The end at the client, which connects to the server. */
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
