interface HostWithModules {
  readonly process?: { getBuiltinModule?(name: string): object | undefined };
}

/** Nothing is looked up before a call, so any runtime can import this module. */
const host = globalThis as unknown as HostWithModules;

/** The module of Node called `name`, of which `Module` is what is used; undefined where there is none. It is not imported, so that what uses it can be loaded anywhere, and who does not need it never loads it. */
export function findModule<Module extends object>(
  name: string,
): Module | undefined {
  return host.process?.getBuiltinModule?.(name) as Module | undefined;
}

/** The same where every runtime has it. */
export function hostModule<Module extends object>(name: string): Module {
  const found = findModule<Module>(name);
  if (found === undefined) throw new Error(`This runtime has no ${name}`);
  return found;
}
