import type { Reactor } from "../api/reactor.ts";
import type { Codec } from "../codec/codec.ts";
import { framed, type MessageHandlers } from "./framed.ts";
import { keptMessage } from "./kept_message.ts";
import type { MessageContext } from "./message_context.ts";
import { PulledConnection } from "./message_connection.ts";
import { MessagePull } from "./message_pull.ts";

/**
 * A reactor whose messages are pulled. `onOpen` is given the connection when it is
 * open; if that returns a promise which rejects, the connection is closed with the
 * error.
 */
export function pullingReactor<Received, Sent, UserCommand>(
  codec: Codec<Received, Sent>,
  onOpen: (connection: PulledConnection<Received, Sent>) => unknown,
): Reactor<UserCommand> {
  return framed(
    codec,
    new PullingHandlers<Received, Sent, UserCommand>(onOpen),
  );
}

class PullingHandlers<Received, Sent, UserCommand>
  implements MessageHandlers<Received, Sent, UserCommand> {
  readonly #onOpen: (
    connection: PulledConnection<Received, Sent>,
  ) => unknown;
  #pull!: MessagePull<Received>;
  #connection!: PulledConnection<Received, Sent>;
  #tellClosed!: (reason: Error | undefined) => void;

  constructor(
    onOpen: (connection: PulledConnection<Received, Sent>) => unknown,
  ) {
    this.#onOpen = onOpen;
  }

  onConnected(ctx: MessageContext<Sent, UserCommand>): void {
    const whenClosed = new Promise<Error | undefined>((resolve) => {
      this.#tellClosed = resolve;
    });
    this.#pull = new MessagePull(ctx);
    this.#connection = new PulledConnection(ctx, this.#pull, whenClosed);
    return this.#onOpen(this.#connection) as void;
  }

  onMessage(message: Received): void {
    this.#pull.deliver(keptMessage(message));
  }

  onPeerEnd(): void {
    this.#pull.finish(undefined);
  }

  onClose(reason: Error | undefined): void {
    this.#connection.reason = reason;
    this.#pull.finish(reason);
    this.#tellClosed(reason);
  }
}
