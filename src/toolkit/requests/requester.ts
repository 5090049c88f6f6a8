/**
 * Something that makes requests.
 *
 * @module
 */

import type { RequestOptions } from "./request_client_options.ts";

/**
 * Makes requests, and resolves to their answers. A {@linkcode RequestClient} does;
 * a function that only makes requests takes this instead, so that it also works
 * with a wrapper of a client, or with a stand-in in a test.
 *
 * @example A wrapper that logs, and a function that takes either
 * ```ts
 * import type { Requester } from "@reactio/reactio";
 *
 * function logged(inner: Requester<string, string>): Requester<string, string> {
 *   return {
 *     async request(message, options) {
 *       const answer = await inner.request(message, options);
 *       console.log(message, "->", answer);
 *       return answer;
 *     },
 *   };
 * }
 *
 * const greet = (peer: Requester<string, string>) => peer.request("hello");
 * await greet(logged({ request: (text) => Promise.resolve(text.toUpperCase()) }));
 * ```
 *
 * @category Requests
 */
export interface Requester<Request, Response> {
  /**
   * Makes a request: see {@linkcode RequestClient.request}.
   *
   * @param message What to send.
   * @param options How long it may take, what cancels it, and whether it may be
   * sent twice.
   * @returns Resolves to the answer.
   */
  request(message: Request, options?: RequestOptions): Promise<Response>;
}
