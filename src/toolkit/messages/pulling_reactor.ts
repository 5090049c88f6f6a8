import { RuntimeStoppedError } from "../../api/errors.ts";
import type { Reactor } from "../../api/reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../../api/reactor_id.ts";
import type { Codec } from "../../codec/codec.ts";
import { framed } from "./framed.ts";
import { keptMessage } from "./kept_message.ts";
import type { MessageContext } from "./message_context.ts";
import type { MessageHandlers } from "./message_handlers.ts";
import { PulledConnection } from "./message_connection.ts";
import { MessagePull, type PullKind } from "./message_pull.ts";

/**
 * A reactor whose messages are pulled. `onOpen` is called with the open
 * connection; if it returns a promise that rejects, the connection is closed
 * with the error.
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
  #isAccepted = false;
  #resolveClosed!: (reason: Error | undefined) => void;

  constructor(
    onOpen: (connection: PulledConnection<Received, Sent>) => unknown,
  ) {
    this.#onOpen = onOpen;
  }

  onConnected(
    ctx: MessageContext<Sent, UserCommand>,
    listenerId: ReactorID,
  ): void {
    this.#isAccepted = listenerId !== INVALID_REACTOR_ID;
    const whenClosed = new Promise<Error | undefined>((resolve) => {
      this.#resolveClosed = resolve;
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

  /** A message in hand is finished, and so is a stream. If this end has connected, a waiting call may get an answer; if it has accepted, it waits for a request that nobody has begun. */
  onDrain({ id }: MessageContext<Sent, UserCommand>): void {
    const reason = new RuntimeStoppedError(
      `Cannot receive more messages of reactor ${id}: its runtime is being stopped`,
    );
    if (!this.#isAccepted && !this.#connection.isInUse) {
      return void this.#connection.close(reason);
    }
    const now: PullKind[] = this.#isAccepted ? ["loop", "once"] : ["loop"];
    this.#pull.refuse(now, ["loop", "once"], reason);
  }

  onClose(reason: Error | undefined): void {
    this.#connection.reason = reason;
    this.#pull.finish(reason);
    this.#resolveClosed(reason);
  }
}
