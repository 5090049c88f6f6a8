/**
 * What is used of the handles of Node, which its sockets are made of and which
 * are not public: see node_reads.ts and node_writes.ts.
 *
 * @module
 */

/** What Node has for a write that is under way. */
export interface WriteRequest {
  /** Left out, nobody is told. */
  oncomplete: ((status: number) => void) | undefined;
  /** What is written, so that it is not collected. */
  buffer: Uint8Array | null;
  /** -1 unless Node has used it. */
  getAsyncId(): number;
}

/** What is used of a handle that can be written to. */
export interface WriteHandle {
  /** Returns 0, or the number of an error. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

/** What is used of the handle of a socket. */
export interface SocketHandle extends WriteHandle {
  /** By its socket, or by TLS. */
  readonly bytesWritten: number;
  reading: boolean;
  /** The file descriptor; -1 once it is closed, and on Windows. */
  readonly fd?: number;
  readStart(): number;
  readStop(): number;
  close(): void;
  useUserBuffer(buffer: Uint8Array): void;
  /** Fills `peer`. Returns 0, or the number of an error. */
  getpeername(peer: { address: string; family: string; port: number }): number;
}
