type ViewClass = new (buffer: ArrayBufferLike) => ArrayBufferView;

/**
 * `value` as it is to be cloned for another thread: the structured clone
 * algorithm copies of a view its whole buffer, which may hold what others have
 * sent. So where `value` is or holds a view of a part of a buffer, this is a copy
 * with views of just the bytes they show; otherwise it is `value` itself. Looks
 * into arrays, maps, sets and objects that the algorithm clones as such.
 *
 * Throws what a getter or a proxy throws.
 */
export function withOwnBytes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return showsPart(value) ? cut(value) : value;
  return holdsPart(value) ? new Copier().copy(value) : value;
}

/** True for a view of a part of a buffer that is not shared. */
function showsPart({ buffer, byteLength }: ArrayBufferView): boolean {
  return byteLength < buffer.byteLength && tagOf(buffer) === "ArrayBuffer";
}

/** A view of the same kind of a copy of the bytes. */
function cut(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  const Kind = kindOf(view);
  return new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** The language's own class of `view`: a subclass may want other arguments. */
function kindOf(view: ArrayBufferView): ViewClass {
  if (tagOf(view) === "DataView") return DataView;
  let prototype = Object.getPrototypeOf(view);
  while (!Object.hasOwn(prototype, "BYTES_PER_ELEMENT")) {
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototype.constructor;
}

/** What the language calls the kind of an object. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** What is looked into. */
function isContainer(value: object): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Set ||
    tagOf(value) === "Object";
}

/** The values in a container. */
function* valuesIn(value: object): Iterable<unknown> {
  if (value instanceof Map) {
    for (const entry of Map.prototype.entries.call(value)) yield* entry;
  } else if (value instanceof Set) yield* Set.prototype.values.call(value);
  else yield* Object.values(value);
}

function holdsPart(root: object): boolean {
  const seen = new Set<object>([root]);
  for (const value of seen) { // and those that are added meanwhile
    if (ArrayBuffer.isView(value)) {
      if (showsPart(value)) return true;
    } else if (isContainer(value)) {
      for (const inner of valuesIn(value)) {
        if (typeof inner === "object" && inner !== null) seen.add(inner);
      }
    }
  }
  return false;
}

/** Copies containers and views, each once; so what is there twice, or holds itself, does so in the copy. */
class Copier {
  readonly #copies = new Map<object, unknown>();
  readonly #toFill: (() => void)[] = [];

  copy(root: object): unknown {
    const copy = this.#copyOf(root);
    for (const fill of this.#toFill) fill(); // and those that are added meanwhile
    return copy;
  }

  #copyOf(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const copy = this.#begin(value);
    this.#copies.set(value, copy);
    return copy;
  }

  /** Its copy, which is filled later: what is nested deeply needs no deep stack. */
  #begin(value: object): object {
    if (ArrayBuffer.isView(value)) {
      return showsPart(value) ? cut(value) : value;
    }
    if (!isContainer(value)) return value;
    if (value instanceof Map) {
      const copy = new Map();
      this.#toFill.push(() => {
        for (const [key, one] of Map.prototype.entries.call(value)) {
          copy.set(this.#copyOf(key), this.#copyOf(one));
        }
      });
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set();
      this.#toFill.push(() => {
        for (const one of Set.prototype.values.call(value)) {
          copy.add(this.#copyOf(one));
        }
      });
      return copy;
    }
    const copy: object = Array.isArray(value) ? new Array(value.length) : {};
    this.#toFill.push(() => {
      for (const [key, one] of Object.entries(value)) {
        Object.defineProperty(copy, key, {
          value: this.#copyOf(one),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    });
    return copy;
  }
}
