import {
  type Ask,
  type DispatchContext,
  formatAddress,
  logWarn,
  MessageResult,
  type Reactor,
  ReactorGroup,
  type ReactorID,
  SlowMemberError,
  type TcpListenerHandler,
} from "../../../mod.ts";
import { MAX_OUTPUT_BUFFER } from "../limits.ts";
import { MAX_REQUEST_SIZE, ProtocolError, RequestParser } from "../requests.ts";
import { bytesIn } from "./chunk.ts";
import type { Push } from "./outbox.ts";
import type { RemoteClients } from "./remote_clients.ts";

/** The services of the thread that has the data. */
export type DataThread = { services: { clients: () => RemoteClients } };

/** No time limit: every request is executed, and a client stays as long as it likes. */
const timeoutMs = 0;

/** A thread that reads and writes; the main thread executes the requests. */
export class IoThread {
  readonly #ask: Ask<DataThread>;
  readonly #reactors = new Map<ReactorID, IoReactor>();

  constructor(ask: Ask<DataThread>) {
    this.#ask = ask;
  }

  /** Accepts connections. */
  get handler(): TcpListenerHandler<Uint8Array> {
    return {
      onNewConnection: () => ({
        reactor: new IoReactor(this.#ask, this.#reactors),
        maxMessageSize: MAX_REQUEST_SIZE,
        maxSendQueue: MAX_REQUEST_SIZE,
      }),
    };
  }

  /** Sends messages to subscribers, and the replies that belong between them. */
  push(pushes: readonly Push[]): void {
    for (const [ids, chunk] of pushes) {
      const bytes = bytesIn(chunk);
      for (const id of ids) this.#reactors.get(id)?.push(bytes);
    }
  }
}

/** One connection: sends all requests of a read to the main thread at once, and reads on when they are answered. */
class IoReactor implements Reactor<Uint8Array> {
  readonly #ask: Ask<DataThread>;
  readonly #reactors: Map<ReactorID, IoReactor>;
  readonly #parser = new RequestParser();
  readonly #messages = new ReactorGroup({ highWaterMark: MAX_OUTPUT_BUFFER });
  readonly #end = new AbortController();
  #isWaiting = false;
  #isDraining = false;

  constructor(ask: Ask<DataThread>, reactors: Map<ReactorID, IoReactor>) {
    this.#ask = ask;
    this.#reactors = reactors;
  }

  onConnected(ctx: DispatchContext): void {
    this.#reactors.set(ctx.id, this);
    this.#messages.add(ctx);
    const peer = formatAddress(ctx.socket.remoteAddress);
    const { signal } = this.#end;
    this.#ask("main", "clients.join", { id: ctx.id, peer }, {
      timeoutMs,
      signal,
    }).then(() => ctx.close(), (error) => ctx.close(error));
    ctx.read(1);
  }

  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    const list: string[][] = [];
    let failure: string | undefined = undefined;
    try {
      for (let args; (args = this.#parser.next(buf)) !== undefined;) {
        list.push(args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      failure = error.message;
    }
    const end = this.#parser.end();
    const result = failure === undefined
      ? end
      : MessageResult.dropMsgSize(buf.length);
    if (list.length > 0 || failure !== undefined) {
      this.#execute(list, failure, ctx).catch((error) => ctx.close(error));
    } else if (result > 0) {
      ctx.read(1); // nothing was asked
    }
    return result;
  }

  /** Sends a long reply. The command completes when that is out. */
  onCommand(reply: Uint8Array, ctx: DispatchContext): Promise<void> {
    return new Promise((resolve) => ctx.sendOrQueue(reply, () => resolve()));
  }

  onPeerEnd(ctx: DispatchContext): void {
    ctx.close(); // all is replied to: until then nothing is read, nor the end
  }

  onDrain(ctx: DispatchContext): void {
    this.#isDraining = true;
    if (!this.#isWaiting) ctx.close();
  }

  onClose(reason: Error | undefined, ctx: DispatchContext): void {
    this.#reactors.delete(ctx.id);
    this.#end.abort();
    if (reason instanceof SlowMemberError) logWarn(reason.message);
  }

  push(bytes: Uint8Array): void {
    this.#messages.send(bytes);
  }

  async #execute(
    list: string[][],
    failure: string | undefined,
    ctx: DispatchContext,
  ): Promise<void> {
    this.#isWaiting = true;
    const param = { id: ctx.id, list, failure };
    const reply = await this.#ask("main", "clients.execute", param, {
      timeoutMs,
    });
    if (reply !== undefined) ctx.sendOrQueue(bytesIn(reply));
    this.#isWaiting = false;
    if (this.#isDraining) ctx.close();
    else ctx.read(1);
  }
}
