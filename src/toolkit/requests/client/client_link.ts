import type { PacedSender } from "../../../api/paced_sender.ts";
import type { SendOrQueueResult } from "../../../api/send_result.ts";
import type { MessageContext } from "../../messages/message_context.ts";
import { peerOf } from "../../../api/address.ts";
import { onceOut, pacedSender } from "../../pacing.ts";
import type { RequestLink } from "./request_dispatcher.ts";

/** What answers the peer's own requests on the connection of a client. */
export interface Serving {
  /** Something is under way. */
  readonly isServing: boolean;
  /** Begins nothing more. */
  drain(): void;
}

/**
 * The connection of a client. It goes on reading however much is queued, for the
 * peer may take no more requests before its answers are read.
 */
export class ClientLink<Request> implements RequestLink<Request> {
  readonly peer: string;
  readonly serving: Serving | undefined;
  readonly #ctx: MessageContext<Request>;
  readonly #sender: PacedSender;

  constructor(ctx: MessageContext<Request>, serving?: Serving) {
    this.serving = serving;
    this.#ctx = ctx;
    this.peer = peerOf(ctx.socket);
    this.#sender = pacedSender(ctx);
    this.#sender.isPaced = true;
  }

  get isFull(): boolean {
    return this.#sender.isLong;
  }

  onceOut(callback: () => void): void {
    onceOut(this.#sender, callback);
  }

  send(message: Request): SendOrQueueResult {
    return this.#ctx.send(message);
  }

  close(): void {
    this.#ctx.close();
  }

  abort(reason?: Error): void {
    this.#ctx.abort(reason);
  }
}
