import type { Carrier } from "../../adapters/tls/carrier.ts";

/**
 * The members of a stream that are used here, besides those that its carrier
 * uses.
 */
export interface EndingStream {
  on(event: "finish", listener: () => void): void;
  resume(): EndingStream;
  end(bytes: Uint8Array): void;
}

/** Returns the stream of `carrier`. */
export function endingStreamOf(carrier: Carrier): EndingStream {
  return carrier.stream as unknown as EndingStream;
}
