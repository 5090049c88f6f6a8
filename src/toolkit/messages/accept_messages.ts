/**
 * Accepting for scripts and tests.
 *
 * @module
 */

import { connectionSettings } from "../../api/options/connection.ts";
import { InvalidReactorError } from "../../api/errors.ts";
import type { ConnectionOptions } from "../../api/options/connection.ts";
import type { TcpListenerHandler } from "../../api/reactor.ts";
import type { Codec } from "../../codec/codec.ts";
import { forget } from "../../util/forget.ts";
import { literalOf } from "../../util/text.ts";
import { checkCodec } from "./check_codec.ts";
import type {
  MessageConnection,
  PulledConnection,
} from "./message_connection.ts";
import { pullingReactor } from "./pulling_reactor.ts";

/**
 * Serves a connection by pulling its messages.
 *
 * @param connection The connection, whose messages it pulls.
 * @returns What is waited for before the connection is closed.
 *
 * @category Reactors
 */
export type ConnectionServer<Received, Sent> = (
  connection: MessageConnection<Received, Sent>,
) => PromiseLike<void> | void;

/**
 * Serves each connection of a listener with an asynchronous function, which
 * pulls its messages. When the function returns, the connection is closed
 * gracefully. If it throws, only that connection is closed, with the error; this
 * is logged, unless the connection had already ended with that error.
 *
 * @param codec How messages are laid out in the stream.
 * @param serve Called once for each connection.
 * @param options The options of the connections.
 * @returns A handler for {@linkcode ReactRuntime.listen}.
 * @throws {InvalidCodecError} If `codec` lacks a method, or a `maxFrameSize`.
 * @throws {InvalidReactorError} If `serve` is not a function.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category Reactors
 */
export function acceptMessages<Received, Sent, UserCommand = unknown>(
  codec: Codec<Received, Sent>,
  serve: ConnectionServer<Received, Sent>,
  options: ConnectionOptions = {},
): TcpListenerHandler<UserCommand> {
  checkCodec(codec);
  if (typeof serve !== "function") {
    forget(serve);
    throw new InvalidReactorError(
      `Cannot serve connections by ${literalOf(serve)}: it is not a function`,
    );
  }
  connectionSettings(options);
  return {
    onNewConnection: () => ({
      ...options,
      reactor: pullingReactor(codec, (connection) => run(serve, connection)),
    }),
  };
}

async function run<Received, Sent>(
  serve: ConnectionServer<Received, Sent>,
  connection: PulledConnection<Received, Sent>,
): Promise<void> {
  let reason: Error | undefined = undefined;
  try {
    await serve(connection);
  } catch (error) {
    if (!connection.isKnown(error)) throw error;
    reason = error;
  }
  void connection.close(reason);
}
