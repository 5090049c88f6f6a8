import type { Adapter, PendingConnect, Socket } from "../../mod.ts";
import type { AllOfAdapter } from "./wrapped_adapter.ts";

/**
 * Starts one end of a layer over `socket`. Calls back with the end, or with an
 * error.
 */
export type BeginEnd = (
  socket: Socket,
  onOpened: (socket: Socket) => void,
  onFailed: (cause: unknown) => void,
) => PendingConnect;

/**
 * Wraps `adapter` so that all its sockets are layered, by `server` and
 * `client`.
 */
export function layered(
  adapter: Adapter,
  layer: string,
  { server, client }: { readonly server: BeginEnd; readonly client: BeginEnd },
): AllOfAdapter {
  return {
    name: `${adapter.name} over ${layer}`,
    transports: adapter.transports,
    unixPaths: adapter.unixPaths,
    reusesPorts: adapter.reusesPorts,
    keepAliveTimes: adapter.keepAliveTimes,
    clock: adapter.clock,
    diagnostics: adapter.diagnostics,
    signals: adapter.signals,
    environment: adapter.environment,
    loadTls: undefined,
    random: () => adapter.random(),
    endOfTurn: (callback) => adapter.endOfTurn(callback),
    afterPoll: (callback) => adapter.afterPoll(callback),
    resolve: (hostname, events) => adapter.resolve?.(hostname, events),
    listen: (options, events) =>
      adapter.listen(options, {
        onAccept(socket) {
          // The client may be gone by then.
          server(socket, (opened) => events.onAccept(opened), () => {});
        },
        onAcceptError: (failure) => events.onAcceptError(failure),
      }),
    connect(options, events): PendingConnect {
      let isCancelled = false;
      let pending: PendingConnect = adapter.connect(options, {
        onConnect(socket) {
          pending = client(
            socket,
            (opened) => events.onConnect(opened),
            (cause) => {
              if (isCancelled) return;
              throw new Error(`${layer} is not there`, { cause });
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
