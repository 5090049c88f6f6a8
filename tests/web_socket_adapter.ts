import type {
  Adapter,
  PendingConnect,
  Socket,
  Upgrade,
  UpgradeHost,
} from "../mod.ts";
import { overWebSocket, webSocketClient } from "../src/entries/websocket.ts";

/** `adapter` as if WebSockets were all that it had: each of its sockets is one. */
export function overWebSockets(adapter: Adapter): Adapter {
  const client = webSocketClient("ws://localhost/").options.upgrade as Upgrade;
  const server = overWebSocket({ onNewConnection: () => null })
    .upgrade as Upgrade;
  return {
    ...adapter,
    ...methods(adapter),
    name: `${adapter.name} over WebSockets`,
    loadTls: undefined,
    listen: (options, events) =>
      adapter.listen(options, {
        onAccept(socket) {
          begin(server, socket, (upgraded) => events.onAccept(upgraded));
        },
        onAcceptError: (failure) => events.onAcceptError(failure),
      }),
    connect(options, events): PendingConnect {
      let isCancelled = false;
      let pending: PendingConnect = adapter.connect(options, {
        onConnect(socket) {
          pending = begin(
            client,
            socket,
            (upgraded) => events.onConnect(upgraded),
            (error) => {
              if (!isCancelled) throw error;
            },
          );
        },
        onConnectError: (failure) => events.onConnectError(failure),
      });
      return {
        cancel() {
          isCancelled = true;
          pending.cancel();
        },
      };
    },
  };
}

/** The limits of the core are not those of this. */
const HOST: UpgradeHost = {
  action: "serve a test",
  newLimit: () => ({ arm() {}, disarm() {} }),
};

function begin(
  upgrade: Upgrade,
  socket: Socket,
  onUpgraded: (socket: Socket) => void,
  // Whoever connects may be gone by then.
  onUpgradeFailed: (error: Error) => void = () => {},
): PendingConnect {
  const events = { onUpgraded, onUpgradeFailed, onAnswered() {} };
  return upgrade.begin(socket, events, HOST);
}

/** What `adapter` has of its class. */
function methods(
  adapter: Adapter,
): Pick<Adapter, "random" | "endOfTurn" | "afterPoll" | "resolve"> {
  return {
    random: () => adapter.random(),
    endOfTurn: (callback) => adapter.endOfTurn(callback),
    afterPoll: (callback) => adapter.afterPoll(callback),
    resolve: (hostname, events) => adapter.resolve?.(hostname, events),
  };
}
