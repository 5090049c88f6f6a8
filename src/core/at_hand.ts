import { TLS_ENDS } from "./on_demand.ts";
import * as tlsEnds from "./tls_ends.ts";

/** Has what is loaded on demand be there at once, for whoever has a time of its own: a simulated one does not pass while something is loaded. */
export function loadAll(): void {
  TLS_ENDS.provide(tlsEnds);
}
