import {
  bufferOf,
  bufferSizeOf,
  bytesOf,
  isBuffer,
  sizeOfBuffer,
  viewNameOf,
} from "../../util/views.ts";
import { isObject } from "../../util/text.ts";

type ViewClass = new (buffer: ArrayBufferLike) => ArrayBufferView;

/** Missing from some versions of the runtimes, and from some type libraries. */
declare const Float16Array: ViewClass | undefined;

/** The language's own classes of views, by name: a subclass may take other arguments. */
const VIEW_CLASSES: ReadonlyMap<string, ViewClass> = new Map(
  [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
    typeof Float16Array === "undefined" ? [] : Float16Array,
    Float32Array,
    Float64Array,
    DataView,
  ].flat().map((it) => [it.name, it]),
);

/** Classes whose properties the structured clone algorithm does not copy. */
const OPAQUE = [
  Date,
  RegExp,
  Error,
  ArrayBuffer,
  SharedArrayBuffer,
  Boolean,
  Number,
  String,
  BigInt,
];

/**
 * `value` as it is to be cloned for another thread. For a view, the structured
 * clone algorithm copies the whole buffer, which may hold what other peers have
 * sent. So if `value` is or holds a view of part of a buffer, this is a copy whose
 * views have just the bytes they show; otherwise it is `value` itself. Looks into
 * arrays, maps, sets and objects whose properties the algorithm clones. In an
 * array without holes, it sees only the items, not additional properties: listing
 * their names takes longer than cloning the array. Views of `moved` buffers stay
 * as they are.
 *
 * Throws what a getter or a proxy throws.
 */
export function withOwnBytes(
  value: unknown,
  moved: readonly ArrayBuffer[] = [],
): unknown {
  return parcelOf(value, moved).value;
}

/** A value as it is to be cloned for another thread. */
export interface Parcel {
  readonly value: unknown;
  /** Roughly how many bytes it takes there: its buffers, 8 for every value in it, and one for each character. */
  readonly size: number;
}

/** As {@linkcode withOwnBytes}, with the size. */
export function parcelOf(
  value: unknown,
  moved: readonly ArrayBuffer[] = [],
): Parcel {
  const survey = new Survey(moved);
  survey.see(value);
  if (!isObject(value)) return { value, size: survey.size };
  if (ArrayBuffer.isView(value)) {
    survey.seeView(value);
    return { value: ofItsOwn(value, moved), size: survey.size };
  }
  survey.seeAllIn(value);
  return {
    value: survey.holdsPart ? new Copier(moved).copy(value) : value,
    size: survey.size,
  };
}

function isMovedView(
  view: ArrayBufferView,
  moved: readonly ArrayBuffer[],
): boolean {
  return moved.length > 0 && moved.includes(bufferOf(view) as ArrayBuffer);
}

/** The bytes of `view` if it shows part of a buffer that is neither shared nor `moved`. */
function partialBytes(
  view: ArrayBufferView,
  moved: readonly ArrayBuffer[],
): Uint8Array | undefined {
  if (isMovedView(view, moved)) return undefined;
  const bytes = bytesOf(view);
  if (bytes === undefined) return undefined;
  const size = bufferSizeOf(bytes);
  return size === undefined || size === bytes.byteLength ? undefined : bytes;
}

/** If `view` shows part of a buffer, a view of the same kind on a copy of the bytes; else `view` itself. */
function ofItsOwn(
  view: ArrayBufferView,
  moved: readonly ArrayBuffer[],
): ArrayBufferView {
  const part = partialBytes(view, moved);
  if (part === undefined) return view;
  const Kind = VIEW_CLASSES.get(viewNameOf(view)) as ViewClass;
  return new Kind(part.slice().buffer);
}

/** True for an object that is cloned property by property. */
function hasClonedProperties(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ||
    !OPAQUE.some((it) => value instanceof it);
}

/** Calls `see` with everything that an array, map, set or object holds. */
function eachIn(value: object, see: (one: unknown) => void): void {
  if (value instanceof Map) {
    Map.prototype.forEach.call(value, (one, key) => (see(key), see(one)));
  } else if (value instanceof Set) Set.prototype.forEach.call(value, see);
  else if (Array.isArray(value)) eachItemOf(value, see);
  else if (hasClonedProperties(value)) eachPropertyOf(value, see);
}

/** An array may be huge and have hardly any items: at the first hole, go by its keys instead. */
function eachItemOf(
  items: readonly unknown[],
  see: (item: unknown) => void,
): void {
  const { length } = items;
  for (let i = 0; i < length; i++) {
    const item = items[i];
    if (item === undefined && !(i in items)) return eachPropertyOf(items, see);
    see(item);
  }
}

function eachPropertyOf(value: object, see: (one: unknown) => void): void {
  for (const key of Object.keys(value)) {
    see((value as Record<string, unknown>)[key]);
  }
}

/** What a value that is to be cloned holds. */
class Survey {
  /** See {@linkcode Parcel.size}. */
  size = 0;
  /** It holds a view of part of a buffer. */
  holdsPart = false;
  readonly #moved: readonly ArrayBuffer[];
  #objects: Set<object> | undefined = undefined;

  constructor(moved: readonly ArrayBuffer[]) {
    this.#moved = moved;
    for (const buffer of moved) this.size += sizeOfBuffer(buffer);
  }

  readonly see = (one: unknown): void => {
    this.size += 8;
    if (typeof one === "string") this.size += one.length;
    if (isObject(one)) this.#objects?.add(one);
  };

  seeView(view: ArrayBufferView): void {
    if (isMovedView(view, this.#moved)) return;
    const shown = bytesOf(view);
    const bufferSize = shown && bufferSizeOf(shown);
    if (shown === undefined || bufferSize === undefined) return;
    this.size += shown.byteLength;
    if (bufferSize !== shown.byteLength) this.holdsPart = true;
  }

  /** Sees everything that `root` holds, however deep. */
  seeAllIn(root: object): void {
    const objects = this.#objects = new Set([root]);
    for (const value of objects) { // and those that are added meanwhile
      if (ArrayBuffer.isView(value)) this.seeView(value);
      else if (value instanceof ArrayBuffer) this.#seeBuffer(value);
      else eachIn(value, this.see);
    }
  }

  #seeBuffer(buffer: ArrayBuffer): void {
    const isCopied = isBuffer(buffer) && !this.#moved.includes(buffer);
    if (isCopied) this.size += sizeOfBuffer(buffer);
  }
}

/** True if nothing in it can need copying. Host objects count as empty. */
function isFlat(value: object): boolean {
  if (!Array.isArray(value)) {
    return !hasClonedProperties(value) || Object.keys(value).length === 0;
  }
  let isFlat = true;
  eachItemOf(value, (item) => isFlat &&= !isObject(item));
  return isFlat;
}

/** Copies views and what may hold them, each once, so that cycles and repeated objects stay what they are. */
class Copier {
  readonly #copies = new Map<object, object>();
  readonly #toFill: (() => void)[] = [];
  readonly #moved: readonly ArrayBuffer[];

  constructor(moved: readonly ArrayBuffer[]) {
    this.#moved = moved;
  }

  copy(root: object): unknown {
    const copy = this.#copied(root);
    for (const fill of this.#toFill) fill(); // and those that are added meanwhile
    return copy;
  }

  #copied(value: unknown): unknown {
    if (!isObject(value)) return value;
    let copy = this.#copies.get(value);
    if (copy === undefined) this.#copies.set(value, copy = this.#begin(value));
    return copy;
  }

  /** Its copy, which is filled later, so that deep nesting needs no deep stack. */
  #begin(value: object): object {
    if (ArrayBuffer.isView(value)) return ofItsOwn(value, this.#moved);
    if (value instanceof Map) {
      const copy = new Map();
      this.#toFill.push(() =>
        Map.prototype.forEach.call(
          value,
          (one, key) => copy.set(this.#copied(key), this.#copied(one)),
        )
      );
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set();
      this.#toFill.push(() =>
        Set.prototype.forEach.call(value, (one) => copy.add(this.#copied(one)))
      );
      return copy;
    }
    if (isFlat(value)) return value;
    const copy: object = Array.isArray(value) ? new Array(value.length) : {};
    this.#toFill.push(() => {
      for (const [key, one] of Object.entries(value)) {
        Object.defineProperty(copy, key, {
          value: this.#copied(one),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    });
    return copy;
  }
}
