// Minifiers rename classes, but not properties. Each error class passes its own
// name as a property key; a common table would put every class into every
// bundle.

/**
 * The errors of the library, with the names of their classes. Some of the
 * classes extend `RangeError` or `TypeError`, so `instanceof` alone cannot
 * tell.
 */
const own = /* @__PURE__ */ new WeakMap<Error, string>();

/**
 * Registers `error` as an error of the library. Returns the name of its class:
 * the key of `known`, or its constructor's name if a user's class extends that.
 */
export function nameOf(
  error: Error,
  known: Readonly<Record<string, unknown>>,
): string {
  const [[name, errorClass]] = Object.entries(known);
  own.set(error, name); // a derived class registers later, and wins
  const { constructor } = error;
  return constructor === errorClass ? name : constructor.name;
}

/**
 * The name of the library class of `error`, or the nearest one that it extends;
 * undefined if it is not an error of the library.
 */
export function ownClassOf(error: unknown): string | undefined {
  return own.get(error as Error);
}
