import { fixedBuffer } from "../node_reads.ts";
import type { DirectStream } from "./direct_stream.ts";
import {
  hasMethods,
  LONGEST_RECORD,
  type RecordLayer,
  type RecordLayerParts,
} from "./record_layer.ts";
import { TLS_READ_SIZE } from "../../tuning.ts";

/**
 * The part of the handle of a TLS socket on Deno, a `TLSWrap`, that is used
 * here.
 */
interface DenoTlsHandle {
  /** The owner of the handle below, a `JSStreamSocket`. */
  readonly _parentWrap?: { readonly stream?: object } | null;
  /** Called after bytes were decrypted, and at EOF. */
  onread: () => void;
  /** Called when TLS has failed. */
  onerror: (error: Error) => void;
  /**
   * Bytes decrypted so far, including those that `onread` has not reported yet.
   */
  getBytesRead(): number;
  /** Sets the buffer into which it decrypts. */
  useUserBuffer(buffer: Uint8Array): void;
  /** Makes it read `onread` again, after that was replaced. */
  readStart(): number;
  readBuffer(records: Uint8Array): void;
  writeBuffer(request: Request, bytes: Uint8Array): number;
  /**
   * Returns the records to be written, and forgets them; empty if there are
   * none.
   */
  drainEncOut(): Uint8Array;
}

/** A write request. */
interface Request {
  readonly oncomplete: (status: number) => void;
}

const NO_RECORDS = new Uint8Array(0);

/** All handles decrypt into this buffer. Created with the first handle. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function denoTlsMemory(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(TLS_READ_SIZE.deno) }).buffer;
}

/**
 * The record layer of Deno; undefined if `native` is not a socket of Deno, or
 * does not look as expected.
 */
export function denoRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const { _handle: handle } = parts.native as {
    readonly _handle?: DenoTlsHandle;
  };
  if (handle === undefined) return undefined;
  // The handle itself has another `writeBuffer`, which writes by a promise.
  const own: object = Object.getPrototypeOf(handle);
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    hasMethods(handle, "onread", "onerror", "readStart") &&
    hasMethods(own, "readBuffer", "writeBuffer", "drainEncOut") &&
    // Inherited methods would act on the stream below.
    Object.hasOwn(own, "getBytesRead") && Object.hasOwn(own, "useUserBuffer");
  const buffer = isKnown ? denoTlsMemory() : undefined;
  return buffer &&
    new DenoRecordLayer(parts, handle, own as DenoTlsHandle, buffer);
}

class DenoRecordLayer implements RecordLayer {
  isIdle = true;
  /**
   * True if all pending records were written since the last decryption began.
   */
  #hasWritten = false;
  readonly #stream: DirectStream;
  readonly #handle: DenoTlsHandle;
  readonly #toWrite: DenoTlsHandle["writeBuffer"];
  readonly #request: Request;

  constructor(
    { events, stream }: RecordLayerParts,
    handle: DenoTlsHandle,
    { writeBuffer }: DenoTlsHandle,
    buffer: Uint8Array,
  ) {
    this.#stream = stream;
    this.#handle = handle;
    this.#toWrite = writeBuffer;
    this.#request = {
      oncomplete: (status) => {
        if (status !== 0) return; // already destroyed, or the error follows
        this.isIdle = true;
        events.onIdle();
      },
    };
    const { onread: onEnd, onerror: onError } = handle;
    let delivered = 0;
    handle.useUserBuffer(buffer);
    handle.onerror = (error) => {
      // Plaintext that was decrypted before the error is not delivered any
      // more.
      delivered = Infinity;
      onError.call(handle, error);
    };
    handle.onread = () => {
      const length = Math.min(handle.getBytesRead() - delivered, buffer.length);
      if (length <= 0) return onEnd.call(handle);
      delivered += length;
      events.onPlain(buffer, length);
    };
    handle.readStart();
    stream.takeOverReads(this.#decrypt);
  }

  /**
   * Decrypting can make TLS answer by itself. The answer goes out with records
   * that are written meanwhile, or else here.
   */
  readonly #decrypt = (records: Uint8Array): void => {
    this.#hasWritten = false;
    this.#handle.readBuffer(records);
    if (this.#hasWritten) return;
    const answer = this.#handle.drainEncOut();
    if (answer.length > 0) this.#stream.writeAll([answer]);
  };

  write(bytes: Uint8Array): void {
    this.isIdle = false;
    this.#hasWritten = true;
    const status = this.#toWrite.call(this.#handle, this.#request, bytes);
    if (status !== 0) throw new Error(`cannot write to TLS: error ${status}`);
    const isLong = bytes.length > LONGEST_RECORD;
    // One call encrypts only a limited amount; another call continues.
    if (isLong) this.#handle.readBuffer(NO_RECORDS);
    const records = this.#handle.drainEncOut();
    // Nothing was pending before, and records are longer than their plaintext:
    // this is all of it.
    if (!isLong && records.length > bytes.length) {
      this.isIdle = true;
      this.#stream.writeAll([records]);
    } else this.#writeLong(records);
  }

  /** `onIdle` is called in any case. */
  notifyIdle(): void {}

  /**
   * Writes `first` and the records that follow; the write request tells when
   * that is all.
   */
  #writeLong(first: Uint8Array): void {
    const all: Uint8Array[] = [];
    let records = first;
    while (records.length > 0) {
      all.push(records);
      this.#handle.readBuffer(NO_RECORDS);
      if (this.isIdle) break;
      records = this.#handle.drainEncOut();
    }
    if (all.length > 0) this.#stream.writeAll(all);
  }
}
