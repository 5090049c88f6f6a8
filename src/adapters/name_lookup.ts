/**
 * Name look-up by the system's resolver: `node:dns`, which Deno and Bun have as
 * well.
 *
 * @module
 */

import type { ResolveEvents } from "../contract/resolve.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { failureOf, whileResolving } from "./failure_kinds.ts";
import { hostModule } from "./host_modules.ts";

/** The part of `node:dns` that is used. */
interface Dns {
  lookup(
    hostname: string,
    options: { readonly all: true; readonly order: "verbatim" },
    callback: (
      error: Error | null,
      found: readonly { readonly address: string }[],
    ) => void,
  ): void;
}

/**
 * Looks up `hostname`, and reports all of its addresses in the order of the
 * system.
 */
export function lookUp(hostname: string, events: ResolveEvents): void {
  const onFailed = (cause: unknown): void =>
    events.onResolveError(whileResolving(failureOf(cause)));
  outsideAsyncContext(() => {
    try {
      hostModule<Dns>("node:dns").lookup(
        hostname,
        { all: true, order: "verbatim" },
        (error, found) => {
          if (error !== null) return onFailed(error);
          events.onResolve(found.map(({ address }) => address));
        },
      );
    } catch (cause) {
      queueMicrotask(() => onFailed(cause));
    }
  });
}
