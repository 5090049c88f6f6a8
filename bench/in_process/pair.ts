import {
  DefaultTcpListenerHandler,
  MessageResult,
  type ReactorID,
  type ReactRuntime,
} from "../../mod.ts";

/**
 * Connects `runtime` to itself. Resolves to the id of one end, whose commands
 * go to `onCommand`.
 */
export async function connectPair(
  runtime: ReactRuntime<number>,
  onCommand: (cmd: number) => void,
): Promise<{ reactorId: ReactorID }> {
  const onInboundMessage = (buf: Uint8Array) =>
    MessageResult.dropMsgSize(buf.length);
  const listener = await runtime.listen(
    "127.0.0.1:0",
    new DefaultTcpListenerHandler<number>(() => ({ onInboundMessage })),
  );
  const connection = await runtime.connect(listener.address, {
    onInboundMessage,
    onCommand,
  });
  return { reactorId: connection.id };
}
