// Two connections: what one receives, the other sends.

import {
  type ConnectOptions,
  pipe,
  type ReactRuntime,
  type TcpListenerHandler,
  type TcpSocket,
} from "../../mod.ts";

/** Where and how a proxy passes on what it receives. */
export interface PassingOptions {
  /** The address of the server. */
  readonly to: string;
  /** The version of the PROXY header that tells the server where the client is; 0 if none does. */
  readonly header: number;
  /** How long both sides may be silent, in ms; 0 for ever. */
  readonly idle: number;
}

/** If more bytes wait to be sent, nothing more is read: whoever sends faster than the other end reads has to wait. */
const HIGH_WATER_MARK = 128 * 1024;

/** Passes on what clients of a listener send, over connections of `runtime`. */
export function passingOn(
  runtime: Pick<ReactRuntime, "connect">,
  { to, header, idle: idleTimeoutMs }: PassingOptions,
): TcpListenerHandler {
  const options = { idleTimeoutMs, sendHighWaterMark: HIGH_WATER_MARK };
  return {
    onNewConnection(_listener, socket) {
      const [client, server] = pipe();
      runtime.connect(to, server, { ...options, ...headerFor(socket, header) })
        .catch((error) => client.abort(error));
      return { reactor: client, ...options };
    },
  };
}

function headerFor(socket: TcpSocket, version: number): ConnectOptions {
  if (version === 0) return {};
  return {
    proxyProtocol: {
      version: version === 1 ? 1 : 2,
      source: socket.remoteAddress,
      destination: socket.localAddress,
      checksum: version === 2,
    },
  };
}
