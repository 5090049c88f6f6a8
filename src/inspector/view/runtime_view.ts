import { formatAddress } from "../../api/address.ts";
import { ConnectionClosedError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { Connection } from "../../core/connection.ts";
import type { Engine } from "../../core/engine.ts";
import { best } from "./best.ts";
import { ClosedConnections } from "./closed_connections.ts";
import { comparing } from "./connection_row.ts";
import { LiveRow } from "./live_row.ts";
import type { ConnectionQuery } from "./query.ts";
import type {
  Connections,
  Done,
  Overview,
  TailedTraffic,
  ViewAnswers,
  ViewQuestion,
} from "./question.ts";
import { Rates } from "./rates.ts";
import { Tails } from "./tails.ts";

/** The views: one for each runtime, shared by all inspectors. */
const views = new WeakMap<Engine<unknown>, RuntimeView>();

/** What an inspector sees of one runtime. It remembers closed connections from its first question on. */
export class RuntimeView {
  readonly #engine: Engine<unknown>;
  readonly #closed = new ClosedConnections();
  readonly #rates = new Rates();
  readonly #tails: Tails;

  private constructor(engine: Engine<unknown>) {
    const { connector } = engine;
    this.#engine = engine;
    this.#tails = new Tails(engine.loop);
    connector.onRemoved = (connection, now) => this.#onClosed(connection, now);
    connector.onceStopped(() => this.#tails.close());
  }

  /** The view of `engine`. */
  static of(engine: Engine<unknown>): RuntimeView {
    const known = views.get(engine);
    if (known !== undefined) return known;
    const view = new RuntimeView(engine);
    views.set(engine, view);
    return view;
  }

  answer<Asked extends ViewQuestion>(
    question: Asked,
  ): ViewAnswers[Asked["kind"]];
  answer(question: ViewQuestion): ViewAnswers[ViewQuestion["kind"]] {
    const now = this.#engine.loop.now();
    switch (question.kind) {
      case "overview":
        return this.#overview();
      case "connections":
        return this.#connections(question.query, now);
      case "closed":
        return this.#closed.lately(question.limit, now);
      case "tail":
        return this.#tail(question.id as ReactorID, question.after);
      case "close":
        return this.#close(question.id as ReactorID);
      case "drain":
        return this.#drain(question.id as ReactorID);
    }
  }

  #overview(): Overview {
    const listeners = this.#engine.reactors.listeners();
    return {
      stats: this.#engine.stats(),
      listeners: listeners.map((listener) => ({
        id: listener.id,
        address: formatAddress(listener.address),
        stats: listener.stats(),
      })),
    };
  }

  #connections(query: ConnectionQuery, now: number): Connections {
    const { sort, isDescending, offset, limit } = query;
    const search = query.search.trim().toLowerCase();
    const all = this.#engine.reactors.connections()
      .map((connection) => new LiveRow(connection, this.#rates, now));
    this.#rates.look(now, all);
    const found = search === "" ? all : all.filter((it) => it.matches(search));
    const rows = best(found, offset + limit, comparing(sort, isDescending));
    return {
      total: all.length,
      matched: found.length,
      rows: rows.map((row) => row.plain()),
    };
  }

  #tail(id: ReactorID, after: number): TailedTraffic {
    const found = this.#connection(id);
    const traffic = found === undefined || this.#engine.connector.isStopped
      ? this.#tails.askGone(id, after)
      : this.#tails.ask(id, found.sender, after);
    return traffic ?? { isOpen: false, last: after, missed: 0, pieces: [] };
  }

  #close(id: ReactorID): Done {
    const found = this.#connection(id);
    found?.close(new ConnectionClosedError("Closed by an inspector"));
    return { done: found !== undefined };
  }

  #drain(id: ReactorID): Done {
    const listener = this.#engine.reactors.listeners()
      .find((listener) => listener.id === id);
    if (listener === undefined) return { done: false };
    listener.drain(
      new ConnectionClosedError(
        "Closed: an inspector has its listener drained",
      ),
    );
    return { done: true };
  }

  #connection(id: ReactorID): Connection<unknown> | undefined {
    const found = this.#engine.reactors.get(id);
    return found instanceof Connection ? found : undefined;
  }

  #onClosed(connection: Connection<unknown>, now: number): void {
    this.#closed.add({
      peer: formatAddress(connection.socket.remoteAddress),
      openMs: now - connection.openedAt,
      bytesIn: connection.reader.bytesIn,
      bytesOut: connection.sender.bytesSent,
      reason: connection.reason,
    }, now);
  }
}
