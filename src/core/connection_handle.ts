import type { SocketAddress } from "../contract/address.ts";
import type { ConnectionHandle } from "../api/handles.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import type { ConnectionStats } from "../stats/stats.ts";
import type { Connection } from "./connection.ts";

/**
 * The handle of a connection that this end opened. Accepted connections have no
 * handle, which makes them cheaper.
 */
export class OpenedConnection<UserCommand, Value>
  implements ConnectionHandle<UserCommand, Value> {
  readonly #connection: Connection<UserCommand>;
  #whenClosed: Promise<Error | undefined> | undefined = undefined;

  constructor(connection: Connection<UserCommand>) {
    this.#connection = connection;
  }

  get id(): ReactorID<UserCommand, Value> {
    return this.#connection.id as ReactorID<UserCommand, Value>;
  }

  get localAddress(): SocketAddress {
    return this.#connection.socket.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.#connection.socket.remoteAddress;
  }

  stats(): ConnectionStats {
    return this.#connection.stats();
  }

  get whenClosed(): Promise<Error | undefined> {
    return this.#whenClosed ??= new Promise((resolve) =>
      this.#connection.onceClosed(() => resolve(this.#connection.reason))
    );
  }

  async close(reason?: Error): Promise<void> {
    this.#connection.close(reason);
    await this.whenClosed;
  }

  async abort(reason?: Error): Promise<void> {
    this.#connection.abort(reason);
    await this.whenClosed;
  }
}
