/** True if `a` and `b` have the same type and deeply equal contents. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a === null || b === null) return false;
  // A Buffer equals a plain array with the same bytes.
  const areBytes = a instanceof Uint8Array && b instanceof Uint8Array;
  if (areBytes) return areSame(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof Map || a instanceof Set) {
    return areSame([...a], [...b as Iterable<unknown>]);
  }
  if (ArrayBuffer.isView(a)) return areSame(bytesOfView(a), bytesOfView(b));
  const keys = keysOf(a);
  return keys.length === keysOf(b).length &&
    keys.every((key) => isSame((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Readonly<Record<PropertyKey, unknown>>;

/** A property that is undefined equals a missing one. */
function keysOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value)
    .filter((key) => (value as Fields)[key] !== undefined);
}

function areSame(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
  return true;
}

function bytesOfView(view: unknown): Uint8Array {
  const { buffer, byteOffset, byteLength } = view as ArrayBufferView;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
