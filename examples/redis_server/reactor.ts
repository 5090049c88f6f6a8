import {
  type DispatchContext,
  formatAddress,
  logWarn,
  MessageResult,
  type Reactor,
  SlowMemberError,
  type TcpListenerHandler,
} from "../../mod.ts";
import type { Client } from "./client.ts";
import { execute } from "./execute.ts";
import type { Redis } from "./redis.ts";
import { ReplyWriter } from "./replies.ts";
import { MAX_REQUEST_SIZE, ProtocolError, RequestParser } from "./requests.ts";

/** Replies longer than this are sent before more requests are executed: then nothing more is read until they are out. */
const MUCH = 1024 * 1024;

/** Serves the clients of `redis`. */
export function redisHandler(redis: Redis): TcpListenerHandler {
  const out = new ReplyWriter(); // one is enough: who is served empties it
  return {
    onNewConnection: () => ({
      reactor: new RedisReactor(redis, out),
      maxMessageSize: MAX_REQUEST_SIZE,
      maxSendQueue: MAX_REQUEST_SIZE,
    }),
  };
}

/** Executes all requests of a read, and replies to them at once. */
class RedisReactor implements Reactor {
  readonly #redis: Redis;
  readonly #out: ReplyWriter;
  readonly #parser = new RequestParser();
  #client: Client | undefined = undefined;
  #isClosing = false;

  constructor(redis: Redis, out: ReplyWriter) {
    this.#redis = redis;
    this.#out = out;
  }

  onConnected(ctx: DispatchContext): void {
    this.#client = this.#redis.join({
      context: ctx,
      peer: formatAddress(ctx.socket.remoteAddress),
      flush: () => this.#flush(ctx),
      close: () => this.#isClosing = true,
    });
  }

  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    const client = this.#client as Client;
    const out = this.#out;
    const parser = this.#parser;
    const { length } = buf;
    out.truncate(0);
    out.protocol = client.protocol;
    let at = 0;
    let size = 0;
    try {
      while (at < length && out.size < MUCH && !this.#isClosing) {
        size = parser.sizeOf(buf, at, length);
        if (size === 0 || size > length - at) break;
        const args = parser.take(buf, at);
        at += size;
        if (args.length > 0) execute(args, out, client, this.#redis);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      out.error(`ERR ${error.message}`);
      this.#isClosing = true;
    }
    // Long replies do not wait for what others change.
    if (out.size >= MUCH) this.#redis.commit();
    this.#flush(ctx);
    if (this.#isClosing) {
      this.#redis.whenWritten(() => ctx.close());
      return MessageResult.dropMsgSize(length);
    }
    return at > 0
      ? MessageResult.dropMsgSize(at)
      : MessageResult.expectMsgSize(size);
  }

  onPeerEnd(ctx: DispatchContext): void {
    this.#redis.whenWritten(() => ctx.close());
  }

  onDrain(ctx: DispatchContext): void {
    this.#redis.whenWritten(() => ctx.close());
  }

  onClose(reason: Error | undefined): void {
    if (this.#client !== undefined) this.#redis.leave(this.#client);
    if (reason instanceof SlowMemberError) logWarn(reason.message);
  }

  /** Sends what was replied, once what was changed is written. */
  #flush(ctx: DispatchContext): void {
    const out = this.#out;
    const { size } = out;
    if (size === 0) return;
    if (this.#redis.isHolding) {
      const bytes = out.copy();
      this.#redis.whenWritten(() => ctx.sendOrQueue(bytes));
    } else {
      ctx.sendSlice(out.bytes, 0, size);
    }
    out.truncate(0);
  }
}
