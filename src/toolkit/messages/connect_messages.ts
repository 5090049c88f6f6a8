/**
 * Connecting for scripts and tests.
 *
 * @module
 */

import { checkArgument } from "../../api/check_argument.ts";
import {
  type AddressLike,
  describeAddress,
  parseAddress,
} from "../../api/address.ts";
import { ConnectCancelledError } from "../../api/errors.ts";
import { abortSignal, OptionTable } from "../../api/options/rules.ts";
import type { ConnectOptions } from "../../api/options/connect.ts";
import type { Codec } from "../../codec/codec.ts";
import { engineOf, openConnection, type ReactRuntime } from "../../runtime.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import type { Reactor } from "../../api/reactor.ts";
import type { MessageConnection } from "./message_connection.ts";
import { pullingReactor } from "./pulling_reactor.ts";

/**
 * Options of {@linkcode connectMessages}.
 *
 * @category Reactors
 */
export interface ConnectMessagesOptions extends ConnectOptions {
  /** When aborted, gives up the connect with `ConnectCancelledError`. Once the connection is open, it has no effect. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of {@linkcode connectMessages}, but for those of the connect. */
export const CONNECT_MESSAGES_OPTIONS: OptionTable<
  Pick<ConnectMessagesOptions, "signal">
> = new OptionTable<Pick<ConnectMessagesOptions, "signal">>({
  signal: abortSignal(),
});

/**
 * Connects, and returns a connection whose messages you pull.
 *
 * @param runtime Serves the connection.
 * @param address Where to connect.
 * @param codec How messages are laid out in the stream.
 * @param options The options of the connection, and of the connect.
 * @returns Resolves when the connection is open; rejects as
 * {@linkcode ReactRuntime.connect} does.
 * @throws {InvalidArgumentError} If `runtime` is not a runtime.
 * @throws {ConnectCancelledError} If the signal is aborted before.
 * @throws {InvalidCodecError} If `codec` lacks a method, or a `maxFrameSize`.
 *
 * @example A number is sent, and its square comes back
 * ```ts
 * import { acceptMessages, type Codec, connectMessages, ReactRuntime } from "@reactio/reactio";
 *
 * const uint32: Codec<number> = {
 *   maxFrameSize: 4,
 *   frameSize: () => 4,
 *   decode: (bytes, start) =>
 *     new DataView(bytes.buffer, bytes.byteOffset + start, 4).getUint32(0),
 *   encode: (message, out) => out.writeUint32(message),
 * };
 * await using runtime = new ReactRuntime();
 * const squares = acceptMessages(uint32, async (connection) => {
 *   for await (const x of connection) await connection.send(x * x);
 * });
 * const { address } = await runtime.listen("127.0.0.1:0", squares);
 *
 * await using connection = await connectMessages(runtime, address, uint32);
 * await connection.send(12);
 * console.log(await connection.receive()); // 144
 * ```
 *
 * @category Reactors
 */
export async function connectMessages<Received, Sent, UserCommand>(
  runtime: ReactRuntime<UserCommand>,
  address: AddressLike,
  codec: Codec<Received, Sent>,
  options: ConnectMessagesOptions = {},
): Promise<MessageConnection<Received, Sent>> {
  forget(options);
  checkArgument(runtime, "a runtime", "connect");
  let opened: MessageConnection<Received, Sent> | undefined = undefined;
  const reactor = pullingReactor<Received, Sent, UserCommand>(
    codec,
    (connection) => void (opened = connection),
  );
  const { signal } = CONNECT_MESSAGES_OPTIONS.fill(options);
  if (signal === undefined) await runtime.connect(address, reactor, options);
  else await connectUntil(signal, runtime, address, reactor, options);
  return opened as unknown as MessageConnection<Received, Sent>;
}

/** Resolves when it is connected; rejects if that fails, or `signal` is aborted first. */
async function connectUntil<UserCommand>(
  signal: AbortSignal,
  runtime: ReactRuntime<UserCommand>,
  address: AddressLike,
  reactor: Reactor<UserCommand>,
  options: ConnectOptions,
): Promise<void> {
  if (signal.aborted) throw connectCancelled(address, signal);
  const abort = { on: () => {} };
  const onAbort = () => abort.on();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const giveUp = openConnection(runtime, address, reactor, options, {
        succeed: () => resolve(),
        fail: reject,
      });
      abort.on = () => {
        if (!giveUp?.()) return;
        const error = connectCancelled(address, signal);
        engineOf(runtime).loop.defer(() => reject(error));
      };
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function connectCancelled(
  address: AddressLike,
  signal: AbortSignal,
): ConnectCancelledError {
  const cause: unknown = signal.reason;
  return new ConnectCancelledError(
    `Cannot connect to ${describeAddress(parseAddress(address))}: ${
      messageOf(cause)
    }`,
    { cause },
  );
}
