import {
  type Address,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactRuntime,
} from "../../mod.ts";
import { ANY_PORT } from "./support.ts";

/** How a {@linkcode Between} tells the server where the client is. */
export interface Introduction {
  readonly header: string;
  /** In one piece with what the client says first, and not ahead of it. */
  readonly isJoined: boolean;
}

/** Stands between a client and a server, passes on all that they say, and can end their connection below what they say. */
export class Between {
  readonly address: Address;
  readonly #ends: Set<DispatchContext>;

  private constructor(address: Address, ends: Set<DispatchContext>) {
    this.address = address;
    this.#ends = ends;
  }

  static async open(
    runtime: ReactRuntime,
    target: Address,
    introduction?: Introduction,
  ): Promise<Between> {
    const ends = new Set<DispatchContext>();
    const { address } = await runtime.listen(ANY_PORT, {
      onNewConnection: () => ({
        reactor: near(runtime, target, ends, introduction),
      }),
    });
    return new Between(address, ends);
  }

  /** Sends FIN both ways. */
  cut(): void {
    for (const end of this.#ends) end.end();
  }
}

/** The end at the client, which connects to the server. */
function near(
  runtime: ReactRuntime,
  target: Address,
  ends: Set<DispatchContext>,
  introduction: Introduction | undefined,
): Reactor {
  let owed = new TextEncoder().encode(introduction?.header);
  let far: DispatchContext | undefined;
  return {
    async onConnected(ctx) {
      ctx.pauseReading();
      ends.add(ctx);
      await runtime.connect(target, {
        onConnected(other) {
          far = other;
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
      far?.sendOrQueue(Uint8Array.from([...owed, ...buf]));
      owed = new Uint8Array(0);
      return MessageResult.dropMsgSize(buf.length);
    },
    onPeerEnd: () => far?.end(),
    onClose: () => far?.close(),
  };
}
