import type { Carrier } from "../../adapters/tls/carrier.ts";

/** What is used of a stream, besides what its carrier uses. */
export interface EndingStream {
  on(event: "finish", listener: () => void): void;
  resume(): EndingStream;
  end(bytes: Uint8Array): void;
}

/** The stream of `carrier`. */
export function streamOf(carrier: Carrier): EndingStream {
  return carrier.stream as unknown as EndingStream;
}
