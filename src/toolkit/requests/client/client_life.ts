import { RuntimeStoppedError } from "../../../api/errors.ts";
import type { ScheduledCall } from "../../../api/scheduled_call.ts";
import { engineOf, type ReactRuntime } from "../../../runtime.ts";
import type { KeptConnection } from "../../connecting/kept_connection.ts";
import type { MessageContext } from "../../messages/message_context.ts";
import { ClientLink, type Serving } from "./client_link.ts";
import type { RequestDispatcher } from "./request_dispatcher.ts";
import { clientClosed, connectedAnew } from "./request_failures.ts";

/** The connections of a client, of which there is one at a time, and how it ends: when it is closed, when it connects no more, or with its runtime. */
export class ClientLife<Request, Response> {
  readonly #runtime: ReactRuntime<never>;
  readonly #dispatcher: RequestDispatcher<Request, Response>;
  /** A second connection replaces the first. */
  readonly #replaces: boolean;
  #link: ClientLink<Request> | undefined = undefined;
  #kept: KeptConnection | undefined = undefined;
  #isClosing = false;
  #isDraining = false;
  #drainTimeout: ScheduledCall | undefined = undefined;
  #onClosed: (() => void)[] = [];
  /** The runtime opens no more connections. */
  #isStopped = false;
  #isEnded = false;
  /** There while it is used: while there is a connection, one is made, or somebody waits for an answer. */
  #forgetStop: (() => void) | undefined = undefined;

  constructor(
    runtime: ReactRuntime<never>,
    dispatcher: RequestDispatcher<Request, Response>,
    replaces: boolean,
  ) {
    this.#replaces = replaces;
    this.#runtime = runtime;
    this.#dispatcher = dispatcher;
  }

  /** The current connection, if any. */
  get link(): ClientLink<Request> | undefined {
    return this.#link;
  }

  /** A connection is open, and takes requests; while it `isBeginning`, only those of its hook. If there is one already, this replaces it or throws. */
  open(
    ctx: MessageContext<Request>,
    isBeginning: boolean,
    serving?: Serving,
  ): ClientLink<Request> {
    this.onBusy();
    const link = new ClientLink(ctx, serving);
    if (this.#replaces && this.#link !== undefined) {
      const reason = connectedAnew(link.peer);
      this.#link.abort(reason);
      this.#dispatcher.detach(reason);
    }
    this.#dispatcher.attach(link, isBeginning);
    this.#isDraining = false;
    if (this.#isClosing) serving?.drain();
    return this.#link = link;
  }

  /** The peer of this connection sends no more answers, and may still wait for some. */
  onPeerEnd(link: ClientLink<Request>): void {
    if (link === this.#link) this.#dispatcher.detach(undefined);
  }

  /** All that the peer of this connection has asked is answered; if it `isEnding`, it can close. */
  onServed(link: ClientLink<Request>, isEnding: boolean): void {
    if (link === this.#link) {
      this.#isDraining ||= isEnding;
      this.onIdle();
    } else if (isEnding) link.close();
  }

  /** A connection is gone: this one, or one that it has replaced. */
  onGone(link: ClientLink<Request>, reason: Error | undefined): void {
    if (link !== this.#link) return;
    this.#link = undefined;
    this.#isDraining = false;
    this.#dispatcher.detach(reason);
    if (this.#isStopped) this.#endStopped();
    this.#forgetIfUnused();
    const callbacks = this.#onClosed;
    this.#onClosed = [];
    for (const callback of callbacks) callback();
  }

  /** The connection must end once nobody waits for an answer. */
  onDrain(): void {
    this.#isDraining = true;
    this.onIdle();
  }

  /** It is used: from now on it hears when the runtime is stopped. */
  onBusy(): void {
    if (this.#forgetStop !== undefined || this.#isEnded) return;
    const { connector } = engineOf(this.#runtime);
    if (connector.isStopped) return this.#onStopped();
    this.#forgetStop = connector.onceStopped(() => this.#onStopped());
  }

  /** Nobody waits for an answer any more, at this end or at the other. */
  onIdle(): void {
    if (this.#link?.serving?.isServing) return;
    const { isIdle, isConnected } = this.#dispatcher;
    if (this.#isClosing && isIdle) this.end("it was closed");
    else if (this.#isDraining && (isIdle || !isConnected)) this.#closeLink();
    this.#forgetIfUnused();
  }

  /** From now on `kept` makes its connections. */
  keep(kept: KeptConnection): void {
    this.#kept = kept;
    this.onBusy();
    void kept.whenClosed.then((reason) =>
      this.end("it connects no more", reason)
    );
  }

  /** Ends it when nobody waits for an answer, or after `drainMs`; resolves when the connection is closed. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    this.#drainTimeout?.cancel();
    this.#dispatcher.refuse(clientClosed("it was closed"));
    const end = () => this.end("it was closed");
    if (drainMs === 0) end();
    else {
      this.#drainTimeout = this.#runtime.after(drainMs, end);
      this.#link?.serving?.drain();
      this.onIdle();
    }
    if (this.#link !== undefined) {
      await new Promise<void>((resolve) => this.#onClosed.push(resolve));
    }
    await this.#kept?.whenClosed;
  }

  /** Ends it now, because of `why`. */
  end(why: string, cause?: Error): void {
    this.#endBy(clientClosed(why, cause));
  }

  /** An open connection is left to the runtime, which lets it finish. */
  #onStopped(): void {
    this.#isStopped = true;
    if (this.#link === undefined) this.#endStopped();
  }

  #endStopped(): void {
    this.#endBy(
      new RuntimeStoppedError("Cannot make a request: the runtime was stopped"),
    );
  }

  #endBy(error: Error): void {
    this.#isEnded = true;
    this.#drainTimeout?.cancel();
    this.#forget();
    this.#closeLink();
    void this.#kept?.close();
    this.#dispatcher.end(error);
  }

  /** The runtime keeps no client that is out of use, such as one whose accepted connection is gone. */
  #forgetIfUnused(): void {
    const { isIdle } = this.#dispatcher;
    if (isIdle && this.#link === undefined && this.#kept === undefined) {
      this.#forget();
    }
  }

  #forget(): void {
    this.#forgetStop?.();
    this.#forgetStop = undefined;
  }

  /** A peer that owes answers might send them before it closes, but nobody waits for them: so the connection is reset, unless answers to the peer may still be on their way out. */
  #closeLink(): void {
    const isServed = this.#link?.serving !== undefined;
    if (this.#dispatcher.isOwed && !isServed) this.#link?.abort();
    else this.#link?.close();
  }
}
