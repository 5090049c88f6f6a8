import type { SendOrQueueResult } from "../../../api/send_result.ts";
import type { MessageContext } from "../../messages/message_context.ts";
import { peerOf } from "../../peer_of.ts";
import type { RequestLink } from "./request_dispatcher.ts";

/** The connection of a client. */
export class ClientLink<Request> implements RequestLink<Request> {
  readonly peer: string;
  readonly #ctx: MessageContext<Request>;

  constructor(ctx: MessageContext<Request>) {
    this.#ctx = ctx;
    this.peer = peerOf(ctx);
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
