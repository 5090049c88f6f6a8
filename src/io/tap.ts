/**
 * Hears what a connection receives and sends, for the inspector and for
 * recordings. It is called in the middle of reads and writes: it copies what it
 * wants, throws nothing, and asks nothing of the connection.
 */
export interface Tap {
  /** The first `length` bytes of `buffer` came in. Valid during the call only. */
  onReceived(buffer: Uint8Array, length: number): void;
  /** The socket has taken the bytes from `start` to `end`. Valid during the call only. */
  onSent(buffer: Uint8Array, start: number, end: number): void;
}
