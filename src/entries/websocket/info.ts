/**
 * What is known of a WebSocket.
 *
 * @module
 */

/**
 * What the two ends of a WebSocket have agreed on, and what the client has asked
 * for.
 *
 * @category WebSocket
 */
export class WebSocketInfo {
  /** The subprotocol; undefined if there is none. */
  readonly protocol: string | undefined;
  /** The path that the client asked for, without its query. */
  readonly path: string;
  /** The query, with its `?`; empty if there is none. */
  readonly query: string;
  /** The headers of the request, by their names in lower case; at the end of the client those that it was given. */
  readonly headers: ReadonlyMap<string, string>;

  /**
   * @ignore
   */
  constructor(
    protocol: string,
    { path, query, headers }: {
      readonly path: string;
      readonly query: string;
      readonly headers: ReadonlyMap<string, string>;
    },
  ) {
    this.protocol = protocol === "" ? undefined : protocol;
    this.path = path;
    this.query = query;
    this.headers = headers;
  }

  /** The page whose script has connected; undefined if it is no browser. */
  get origin(): string | undefined {
    return this.headers.get("origin");
  }
}
