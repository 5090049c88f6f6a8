import {
  type DispatchContext,
  formatAddress,
  logWarn,
  MessageResult,
  type Reactor,
  SlowMemberError,
  type TcpListenerHandler,
} from "../../mod.ts";
import type { Redis } from "./redis.ts";
import { ReplyWriter } from "./replies.ts";
import { MAX_REQUEST_SIZE, ProtocolError, RequestParser } from "./requests.ts";
import { ServedClient } from "./served_client.ts";

/** Serves clients if `redis` is in this thread. */
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

/** One connection: executes all requests of a read, and replies to them at once. */
class RedisReactor implements Reactor {
  readonly #redis: Redis;
  readonly #out: ReplyWriter;
  readonly #parser = new RequestParser();
  #client: ServedClient | undefined = undefined;

  constructor(redis: Redis, out: ReplyWriter) {
    this.#redis = redis;
    this.#out = out;
  }

  onConnected(ctx: DispatchContext): void {
    this.#client = new ServedClient(this.#redis, this.#out, {
      peer: formatAddress(ctx.socket.remoteAddress),
      context: ctx,
      send: (bytes, size) => void ctx.sendSlice(bytes, 0, size),
      close: () => ctx.close(),
    });
  }

  onInboundMessage(buf: Uint8Array): MessageResult {
    const client = this.#client;
    if (client === undefined) throw new Error("onConnected was not called");
    const parser = this.#parser;
    client.begin();
    try {
      while (client.isReady) {
        const args = parser.next(buf);
        if (args === undefined) break;
        client.execute(args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      client.refuse(error.message);
    }
    client.finish();
    const result = parser.end();
    return client.isClosing ? MessageResult.dropMsgSize(buf.length) : result;
  }

  onPeerEnd(): void {
    this.#client?.closeWhenWritten();
  }

  onDrain(): void {
    this.#client?.closeWhenWritten();
  }

  onClose(reason: Error | undefined): void {
    this.#client?.leave();
    if (reason instanceof SlowMemberError) logWarn(reason.message);
  }
}
