/**
 * The part of a thread's statistics that the terminal shows. See `RuntimeStats`
 * and `HistogramStats` in the library.
 */
export interface ThreadAnswer {
  readonly thread: string;
  readonly stats: {
    readonly open: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly messagesIn: number;
    readonly messagesOut: number;
    readonly bytesQueued: number;
    readonly uptimeMs: number;
    readonly requested: { readonly inFlight: number };
    readonly served: { readonly inFlight: number };
    readonly turnTime: { readonly maxMs: number; readonly count: number };
    readonly loopDelay: { readonly maxMs: number; readonly count: number };
  };
}

export interface ConnectionAnswer {
  readonly thread: string;
  readonly peer: string;
  readonly openMs: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly bytesQueued: number;
  readonly state: string;
}

/** Everything that is shown at once. */
export interface Answer {
  readonly threads: readonly ThreadAnswer[];
  readonly total: number;
  readonly connections: readonly ConnectionAnswer[];
}

/** How long an inspector may take to answer, in milliseconds. */
const PATIENCE_MS = 5000;

/** Queries an inspector. */
export class InspectorClient {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, token: string | undefined) {
    this.#url = url;
    this.#headers = token === undefined
      ? {}
      : { authorization: `Bearer ${token}` };
  }

  /**
   * Fetches the threads, and the first `limit` connections ordered by `sort`.
   * `end` cancels the requests.
   */
  async ask(sort: string, limit: number, end?: AbortSignal): Promise<Answer> {
    const signal = AbortSignal.any([
      AbortSignal.timeout(PATIENCE_MS),
      ...(end === undefined ? [] : [end]),
    ]);
    const [overview, connections] = await Promise.all([
      this.#get("api/overview", signal),
      this.#get(
        `api/connections?sort=${sort}&order=desc&limit=${Math.max(1, limit)}`,
        signal,
      ),
    ]);
    const { threads } = overview as { threads: readonly ThreadAnswer[] };
    const { total, rows } = connections as {
      total: number;
      rows: readonly ConnectionAnswer[];
    };
    if (!Array.isArray(threads) || !Array.isArray(rows)) throw unexpected();
    return { threads, total, connections: rows };
  }

  async #get(path: string, signal: AbortSignal): Promise<object> {
    const headers = this.#headers;
    const response = await fetch(this.#url + path, { headers, signal });
    const answer: unknown = await response.json().catch(() => undefined);
    if (typeof answer !== "object" || answer === null) throw unexpected();
    if (response.ok) return answer;
    const { error } = answer as { error?: string };
    throw new Error(`the inspector refused: ${error}`);
  }
}

function unexpected(): Error {
  return new Error("there is no inspector at that address");
}
