import type { PacedSender } from "../../../api/paced_sender.ts";
import type { SendOrQueueResult } from "../../../api/send_result.ts";
import { EMPTY } from "../../../util/empty.ts";
import type { MessageContext } from "../../messages/message_context.ts";
import { peerOf } from "../../peer_of.ts";
import type { RequestLink } from "./request_dispatcher.ts";

/** Bytes: while more are queued, requests wait. */
const MAX_QUEUED = 256 * 1024;

/**
 * The connection of a client. It goes on reading however much is queued, for the
 * peer may take no more requests before its answers are read.
 */
export class ClientLink<Request> implements RequestLink<Request> {
  readonly peer: string;
  readonly #ctx: MessageContext<Request>;

  constructor(ctx: MessageContext<Request>) {
    this.#ctx = ctx;
    this.peer = peerOf(ctx);
    (ctx.sender as PacedSender).isPaced = true;
  }

  get isFull(): boolean {
    return this.#ctx.sender.bytesQueued > MAX_QUEUED;
  }

  onceOut(callback: () => void): void {
    this.#ctx.sendOrQueue(EMPTY, ({ ok }) => {
      if (ok) callback();
    });
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
