interface HostWithModules {
  readonly process?: { getBuiltinModule?(name: string): object | undefined };
}

/** Accessed only in calls, so any runtime can import this module. */
const host = globalThis as unknown as HostWithModules;

/**
 * The Node module `name`, declared by the caller as `Module`; undefined if the
 * runtime has none. It is not imported, so users of this function load on any
 * runtime, and the module is loaded only when needed.
 */
export function findModule<Module extends object>(
  name: string,
): Module | undefined {
  return host.process?.getBuiltinModule?.(name) as Module | undefined;
}

/**
 * Like `findModule`, for modules that all runtimes have. Throws if there is
 * none.
 */
export function hostModule<Module extends object>(name: string): Module {
  const found = findModule<Module>(name);
  if (found === undefined) {
    throw new Error(`Cannot load ${name}: this runtime has no such module`);
  }
  return found;
}
