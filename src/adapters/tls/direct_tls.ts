import { partOf } from "../../util/views.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";
import type { TlsCarrier } from "./tls_carrier.ts";
import { ENCRYPTED_AT_ONCE } from "../../tuning.ts";

/** The callbacks of a {@linkcode DirectTls}. */
export interface DirectTlsOwner {
  /** False while the owner takes no data; it is then held. */
  readonly isListening: boolean;
  /**
   * Decrypted bytes: the first `length` of `buffer`, valid during the call
   * only.
   */
  onPlain(buffer: Uint8Array, length: number): void;
  /** There is room for writes again. */
  onRoom(): void;
}

/** The part of a carrier that decides whether there is room. */
type Draining = Pick<TlsCarrier, "isDrained" | "onceDrained">;

/**
 * Reads and writes of TLS without the streams of `node:tls`: by a record layer
 * over a carrier. Holds data that its owner does not take yet, and limits
 * writes.
 */
export class DirectTls implements RecordLayerEvents {
  readonly #layer: RecordLayer;
  readonly #carrier: Draining;
  readonly #owner: DirectTlsOwner;
  #onceIdle: (() => void) | undefined = undefined;
  /** A write was not accepted as a whole; `onRoom` is due. */
  #isFull = false;
  /** Copies of data that the owner has not taken yet. */
  readonly #held: Uint8Array[] = [];

  /**
   * Use {@linkcode DirectTls.of}: if `layerOf` returns undefined, the object is
   * unusable.
   */
  constructor(
    layerOf: (events: RecordLayerEvents) => RecordLayer | undefined,
    carrier: Draining,
    owner: DirectTlsOwner,
  ) {
    this.#carrier = carrier;
    this.#owner = owner;
    this.#layer = layerOf(this) as RecordLayer;
  }

  /**
   * A DirectTls for `native`, whose handshake has just finished; undefined if
   * there is no record layer for it.
   */
  static of(
    native: NativeTlsSocket,
    carrier: TlsCarrier,
    owner: DirectTlsOwner,
  ): DirectTls | undefined {
    const layerOf = (events: RecordLayerEvents) =>
      carrier.recordLayer(native, events);
    const made = new DirectTls(layerOf, carrier, owner);
    return made.#layer && made;
  }

  /** True if no data is held. */
  get isAllDelivered(): boolean {
    return this.#held.length === 0;
  }

  /**
   * Encrypts the bytes from `start` to `end` while there is room. Returns how
   * many it took. May throw.
   */
  write(buffer: Uint8Array, start: number, end: number): number {
    let next = start;
    this.#isFull = false;
    while (next < end && this.#hasRoom) {
      const size = Math.min(end - next, ENCRYPTED_AT_ONCE);
      this.#layer.write(partOf(buffer, next, next + size));
      next += size;
    }
    if (next < end) this.#awaitRoom();
    return next - start;
  }

  /** Calls back once all accepted bytes are encrypted. */
  onceIdle(callback: () => void): void {
    if (this.#layer.isIdle) return callback();
    this.#onceIdle = callback;
    this.#layer.notifyIdle();
  }

  /** Delivers held data while the owner takes it. */
  deliverHeld(): void {
    while (this.#owner.isListening) {
      const bytes = this.#held.shift();
      if (bytes === undefined) return;
      this.#owner.onPlain(bytes, bytes.length);
    }
  }

  onPlain(buffer: Uint8Array, length: number): void {
    if (this.isAllDelivered && this.#owner.isListening) {
      this.#owner.onPlain(buffer, length);
    } else this.#held.push(buffer.slice(0, length));
  }

  onIdle(): void {
    const callback = this.#onceIdle;
    this.#onceIdle = undefined;
    callback?.();
    if (this.#isFull) this.#awaitRoom();
  }

  get #hasRoom(): boolean {
    return this.#layer.isIdle && this.#carrier.isDrained;
  }

  #awaitRoom(): void {
    this.#isFull = true;
    if (this.#layer.isIdle) this.#carrier.onceDrained(this.#onDrained);
    else this.#layer.notifyIdle();
  }

  readonly #onDrained = (): void => {
    if (!this.#isFull || !this.#hasRoom) return;
    this.#isFull = false;
    this.#owner.onRoom();
  };
}
