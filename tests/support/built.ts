/**
 * True if the tests run from TypeScript: on Deno, on Bun, and on a Node that
 * strips types. Otherwise they were compiled to JavaScript.
 */
export const isSource: boolean = import.meta.url.endsWith(".ts");

/** The name under which the TypeScript file `name` runs. */
export function built(name: string): string {
  return isSource ? name : name.replace(/\.ts$/, ".js");
}
