import { partOf } from "../../util/views.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";
import type { TlsCarrier } from "./tls_carrier.ts";

/** So much is encrypted at once, and may wait in a carrier. */
const PIECE_SIZE = 64 * 1024;

/** Who hears of a {@linkcode DirectTls}. */
export interface DirectTlsOwner {
  /** False while nobody is to hear of what was said. */
  readonly isListening: boolean;
  /** The peer has said the first `length` bytes of `buffer`, valid during the call only. */
  onPlain(buffer: Uint8Array, length: number): void;
  /** There is room again, after there was none. */
  onRoom(): void;
}

/** What is to be known of a carrier. */
type Draining = Pick<TlsCarrier, "isDrained" | "onceDrained">;

/** What is said and heard in TLS past the streams of `node:tls`: by a record layer, over a carrier. */
export class DirectTls implements RecordLayerEvents {
  readonly #layer: RecordLayer;
  readonly #carrier: Draining;
  readonly #owner: DirectTlsOwner;
  #onceIdle: (() => void) | undefined = undefined;
  /** It was offered more than it has taken. */
  #isFull = false;
  /** What has come in while nobody was to hear of it. */
  readonly #held: Uint8Array[] = [];

  /** `layerOf` makes the record layer; without one it is of no use. */
  constructor(
    layerOf: (events: RecordLayerEvents) => RecordLayer | undefined,
    carrier: Draining,
    owner: DirectTlsOwner,
  ) {
    this.#carrier = carrier;
    this.#owner = owner;
    this.#layer = layerOf(this) as RecordLayer;
  }

  /** That of `native`, whose handshake is just done, over `carrier`; undefined where no record layer can be had. */
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

  /** All that has come in was told. */
  get isAllTold(): boolean {
    return this.#held.length === 0;
  }

  /** Encrypts the bytes from `start` to `end`, as far as there is room; returns how many that are. May throw. */
  write(buffer: Uint8Array, start: number, end: number): number {
    let next = start;
    this.#isFull = false;
    while (next < end && this.#hasRoom) {
      const size = Math.min(end - next, PIECE_SIZE);
      this.#layer.write(partOf(buffer, next, next + size));
      next += size;
    }
    if (next < end) this.#awaitRoom();
    return next - start;
  }

  /** Calls back when it has encrypted all that it was given. */
  onceIdle(callback: () => void): void {
    if (this.#layer.isIdle) return callback();
    this.#onceIdle = callback;
    this.#layer.tellIdle();
  }

  /** Tells what has come in, as long as somebody is to hear of it. */
  tell(): void {
    while (this.#owner.isListening) {
      const bytes = this.#held.shift();
      if (bytes === undefined) return;
      this.#owner.onPlain(bytes, bytes.length);
    }
  }

  onPlain(buffer: Uint8Array, length: number): void {
    if (this.isAllTold && this.#owner.isListening) {
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
    else this.#layer.tellIdle();
  }

  readonly #onDrained = (): void => {
    if (!this.#isFull || !this.#hasRoom) return;
    this.#isFull = false;
    this.#owner.onRoom();
  };
}
