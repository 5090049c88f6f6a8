import assert from "node:assert/strict";
import {
  type Address,
  DefaultTcpListenerHandler,
  framed,
  type MessageContext,
  type ReactRuntime,
  RequestClient,
  type RequestClientOptions,
  type RequestOptions,
} from "../../mod.ts";
import { type Call, call, calls } from "../support/calls.ts";
import type { Environment } from "./environment.ts";

/** Options of a client of calls. */
export type ClientOptions = RequestClientOptions<Call, Call>;

/** A server whose answers are sent by the test. */
export class Script {
  /** The requests received on all connections. */
  readonly requests: Call[] = [];
  /** The connections, in the order in which they were made. */
  readonly connections: MessageContext<Call>[] = [];
  openCount = 0;

  readonly handler: DefaultTcpListenerHandler = new DefaultTcpListenerHandler(
    () =>
      framed(calls, {
        onConnected: (ctx) => {
          this.connections.push(ctx);
          this.openCount++;
        },
        onMessage: (request) => void this.requests.push(request),
        onClose: () => void this.openCount--,
      }),
  );

  /** The values of the requests. */
  get values(): number[] {
    return this.requests.map(({ value }) => value);
  }

  /** Sends on the last connection. */
  send(message: Call): void {
    this.connections.at(-1)?.send(message);
  }

  /**
   * Answers the requests with these values. An answer is the value plus 1000.
   */
  answer(...values: number[]): void {
    for (const value of values) {
      const request = this.requests.findLast((one) => one.value === value);
      assert.ok(request !== undefined);
      this.send({ ...request, value: value + 1000 });
    }
  }
}

/** The outcome of a promise: a value, or an error. */
export class ScriptOutcome {
  value: number | undefined = undefined;
  error: unknown = undefined;
  readonly settled: Promise<void>;

  constructor(answer: Promise<Call>) {
    this.settled = answer.then(
      ({ value }) => void (this.value = value),
      (error) => void (this.error = error),
    );
  }

  get isSettled(): boolean {
    return this.value !== undefined || this.error !== undefined;
  }
}

/** Returns the error that a request fails with, and checks its class. */
export async function failsWith<Failure extends Error>(
  outcome: ScriptOutcome,
  errorClass: new (message: string) => Failure,
): Promise<Failure> {
  await outcome.settled;
  assert.equal((outcome.error as Error)?.name, errorClass.name);
  assert.ok(outcome.error instanceof errorClass);
  return outcome.error;
}

/** A client, and the server that it is connected to. */
export interface Opened {
  readonly script: Script;
  readonly client: RequestClient<Call, Call>;
  readonly address: Address;
  /** Sends a request for a value. */
  readonly ask: (
    value: number,
    options?: RequestOptions,
  ) => ScriptOutcome;
  readonly connect: () => Promise<void>;
  /** Resolves when the server has received `count` requests. */
  readonly has: (count: number) => Promise<void>;
}

/** Creates a client and a server that are not connected. */
export async function prepare(
  { anyPort, eventually }: Environment,
  runtime: ReactRuntime,
  options: ClientOptions = {},
): Promise<Opened> {
  const script = new Script();
  const { address } = await runtime.listen(anyPort, script.handler);
  const client = new RequestClient(runtime, calls, options);
  return {
    script,
    client,
    address,
    ask: (value, more) => new ScriptOutcome(client.request(call(value), more)),
    async connect() {
      await runtime.connect(address, client.reactor());
      await eventually(() => script.openCount === 1, "it is connected");
    },
    has: (count) =>
      eventually(
        () => script.requests.length >= count,
        `${count} requests came in`,
      ),
  };
}

/** Creates and connects them. */
export async function openClient(
  environment: Environment,
  runtime: ReactRuntime,
  options: ClientOptions = {},
): Promise<Opened> {
  const opened = await prepare(environment, runtime, options);
  await opened.connect();
  return opened;
}
