import {
  DefaultTcpListenerHandler,
  MessageResult,
  type ReactorID,
  type ReactRuntime,
} from "../../mod.ts";

/** A connection of `runtime` with itself; `onCommand` takes the commands to the end with the id. */
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
