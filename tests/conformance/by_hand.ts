import {
  type ReactRuntime,
  type RequestContext,
  type RequestHandler,
  type RequestServer,
  serve,
  type ServedPeer,
  type ServeOptions,
} from "../../mod.ts";
import { type Call, call, calls } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import type { Environment, Peer } from "./environment.ts";
import { signal } from "./support.ts";

export type Handler = RequestHandler<Call, Call>;
export type ServerOptions = ServeOptions<Call, Call>;

/** Values from `first` on. */
export function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** A handler whose answers are sent by the test. */
export class ByHand {
  /** The requests that have begun, in order. */
  readonly begun: number[] = [];
  readonly contexts: RequestContext[] = [];
  readonly peers: ServedPeer<Call>[] = [];
  readonly #answers = new Map<number, ReturnType<typeof signal<Call>>>();

  readonly handler = (
    request: Call,
    peer: ServedPeer<Call>,
    context: RequestContext,
  ): Promise<Call> => {
    const answer = signal<Call>();
    this.begun.push(request.value);
    this.contexts.push(context);
    this.peers.push(peer);
    this.#answers.set(request.value, answer);
    return answer.promise;
  };

  /**
   * Answers the requests with these values. An answer is the value plus 1000.
   */
  answer(...values: number[]): void {
    for (const value of values) {
      this.#answers.get(value)?.resolve(call(1000 + value));
    }
  }

  fail(value: number, error: unknown): void {
    this.#answers.get(value)?.reject(error);
  }
}

/** Serves, and connects a peer. */
export async function openServer(
  { anyPort, connectPeer }: Environment,
  runtime: ReactRuntime,
  handler: Handler,
  options: ServerOptions = {},
): Promise<Served> {
  const closed = signal<Error | undefined>();
  const server = serve(calls, handler, {
    ...options,
    onClose(reason, peer) {
      options.onClose?.(reason, peer);
      closed.resolve(reason);
    },
  });
  const { address } = await runtime.listen(anyPort, server);
  const connect = () => connectPeer(asTcp(address));
  return { server, peer: await connect(), connect, closed: closed.promise };
}

/** A server and its peer. */
export interface Served {
  readonly server: RequestServer;
  readonly peer: Peer;
  readonly connect: () => Promise<Peer>;
  /** The reason of the first connection that closed. */
  readonly closed: Promise<Error | undefined>;
}

/** Resolves when `peer` has received `count` calls. */
export function received(peer: Peer, count: number): Promise<void> {
  return peer.has(4 * count);
}
