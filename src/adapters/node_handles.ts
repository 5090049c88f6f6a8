/**
 * The parts of Node's native handles that are used. Handles are not public; see
 * node_reads.ts and node_writes.ts.
 *
 * @module
 */

/** Node's state for one write. */
export interface WriteRequest {
  /**
   * Called when the write completes, with 0 or an error number. If undefined,
   * nothing is called.
   */
  oncomplete: ((status: number) => void) | undefined;
  /**
   * The bytes being written, referenced here so that they are not collected.
   */
  buffer: Uint8Array | null;
  /**
   * -1 if Node did not need the request, because the write completed
   * synchronously.
   */
  getAsyncId(): number;
}

/** The part of a writable handle that is used. */
export interface WriteHandle {
  /** Returns 0, or an error number. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

/** The part of a socket handle that is used. */
export interface SocketHandle extends WriteHandle {
  /** Bytes written by the socket or by TLS. */
  readonly bytesWritten: number;
  reading: boolean;
  /** The file descriptor; -1 once it is closed, and on Windows. */
  readonly fd?: number;
  readStart(): number;
  readStop(): number;
  close(): void;
  useUserBuffer(buffer: Uint8Array): void;
  /** Fills `peer`. Returns 0, or an error number. */
  getpeername(peer: { address: string; family: string; port: number }): number;
}
