// Minifiers give classes other names, but leave those of properties alone. Each
// class has its own name with it, so that no bundle holds what it does not use.

/** All errors of the library, each with its class; some extend a class of the language. */
const own = /* @__PURE__ */ new WeakMap<Error, string>();

/** Counts `error` among those of the library. Returns the name of its class: the key of `known`, unless it is a user's that extends this. */
export function nameOf(
  error: Error,
  known: Readonly<Record<string, unknown>>,
): string {
  const [[name, errorClass]] = Object.entries(known);
  own.set(error, name); // what extends it comes later
  const { constructor } = error;
  return constructor === errorClass ? name : constructor.name;
}

/** The name of the library's class that `error` is of, or the nearest that its class extends; undefined if there is none. */
export function ownClassOf(error: unknown): string | undefined {
  return own.get(error as Error);
}
