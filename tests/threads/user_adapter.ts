import type { Adapter, ListenerEvents } from "../../mod.ts";
import { hostAdapter } from "../../src/adapters/host.ts";

/** A user's own adapter: the host's, which also counts how it is used. */
export interface UserAdapter extends Adapter {
  readonly counts: { listens: number; connects: number; accepts: number };
}

/** How many were made in this thread. */
export let madeCount = 0;

/** Makes one. It cannot share ports, so listeners of all threads are relayed. */
export function userAdapter(): UserAdapter {
  madeCount++;
  const inner = hostAdapter();
  const counts = { listens: 0, connects: 0, accepts: 0 };
  const counted = (events: ListenerEvents): ListenerEvents => ({
    onAccept(socket) {
      counts.accepts++;
      events.onAccept(socket);
    },
    onAcceptError: (failure) => events.onAcceptError(failure),
  });
  return {
    ...inner,
    name: `counting ${inner.name}`,
    reusesPorts: false,
    counts,
    listen(options, events) {
      counts.listens++;
      return inner.listen(options, counted(events));
    },
    connect(...args) {
      counts.connects++;
      return inner.connect(...args);
    },
  };
}
