/**
 * The details of a WebSocket.
 *
 * @module
 */

/**
 * What the client of a WebSocket asked for, and what both ends agreed on.
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
  /**
   * The headers of the request, by their lower-case names. On the client, only
   * those given by options.
   */
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

  /** The origin of the page whose script connected; undefined if the client is not a browser. */
  get origin(): string | undefined {
    return this.headers.get("origin");
  }
}
