/**
 * Connecting for scripts and tests.
 *
 * @module
 */

import type { AddressLike } from "../../api/address.ts";
import type { ConnectOptions } from "../../api/options.ts";
import type { Codec } from "../../codec/codec.ts";
import type { ReactRuntime } from "../../runtime.ts";
import type { MessageConnection } from "./message_connection.ts";
import { pullingReactor } from "./pulling_reactor.ts";

/**
 * Connects, for a program that pulls its messages.
 *
 * @param runtime Serves the connection.
 * @param address Where to connect.
 * @param codec How messages lie in the stream.
 * @param options Those of the connection, and of the connect.
 * @returns Resolves when the connection is open; rejects as
 * {@linkcode ReactRuntime.connect} does.
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
  options?: ConnectOptions,
): Promise<MessageConnection<Received, Sent>> {
  let opened: MessageConnection<Received, Sent> | undefined = undefined;
  const reactor = pullingReactor<Received, Sent, UserCommand>(
    codec,
    (connection) => void (opened = connection),
  );
  await runtime.connect(address, reactor, options);
  return opened as unknown as MessageConnection<Received, Sent>;
}
