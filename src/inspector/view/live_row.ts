import { formatAddress } from "../../api/address.ts";
import type { Connection } from "../../core/connection.ts";
import { State } from "../../core/connection_state.ts";
import type { ConnectionRow } from "./connection_row.ts";
import type { Rates } from "./rates.ts";

/** The states of connections in words. */
const STATES: Readonly<Record<State, string>> = {
  [State.Open]: "open",
  [State.Ending]: "ending",
  [State.Ended]: "ended, reading",
  [State.HalfOpen]: "ended by the peer",
  [State.Closing]: "closing",
  [State.Finished]: "closing, all sent",
  [State.Closed]: "closed",
  [State.Reported]: "closed",
};

/** An open connection, to be searched and sorted. Its values are computed only when they are read. */
export class LiveRow implements ConnectionRow {
  /** Empty: all rows of one thread would be alike. */
  readonly thread = "";
  readonly id: number;
  readonly #connection: Connection<unknown>;
  readonly #rates: Rates;
  readonly #now: number;
  #peer: string | undefined = undefined;

  constructor(connection: Connection<unknown>, rates: Rates, now: number) {
    this.id = connection.id;
    this.#connection = connection;
    this.#rates = rates;
    this.#now = now;
  }

  get peer(): string {
    return this.#peer ??= formatAddress(this.#connection.socket.remoteAddress);
  }

  get local(): string {
    return formatAddress(this.#connection.socket.localAddress);
  }

  get openMs(): number {
    return this.#now - this.#connection.openedAt;
  }

  get bytesIn(): number {
    return this.#connection.reader.bytesIn;
  }

  get bytesOut(): number {
    return this.#connection.sender.bytesSent;
  }

  get inPerSecond(): number {
    return this.#rates.of(this.id)[0];
  }

  get outPerSecond(): number {
    return this.#rates.of(this.id)[1];
  }

  get bytesQueued(): number {
    return this.#connection.sender.bytesQueued;
  }

  get state(): string {
    const { pauses, isDraining, state } = this.#connection;
    const now = isDraining ? "draining" : STATES[state];
    return pauses?.isPaused ? `${now}, paused` : now;
  }

  /** True if `text`, in lower case, is part of what is shown. */
  matches(text: string): boolean {
    return [this.peer, this.local, this.state, String(this.id)]
      .some((shown) => shown.toLowerCase().includes(text));
  }

  /** The same as plain data, to be sent. */
  plain(): ConnectionRow {
    const { id, peer, local, openMs, bytesIn, bytesOut } = this;
    const { inPerSecond, outPerSecond, bytesQueued, state } = this;
    return {
      ...{ id, peer, local, openMs, bytesIn, bytesOut },
      ...{ inPerSecond, outPerSecond, bytesQueued, state },
    };
  }
}
