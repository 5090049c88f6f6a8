/** True where the tests run as they are written: on Deno, on Bun, and on a Node that strips types. Else TypeScript has emitted JavaScript. */
export const isSource: boolean = import.meta.url.endsWith(".ts");

/** What the file `name`, of TypeScript, is called where it runs. */
export function built(name: string): string {
  return isSource ? name : name.replace(/\.ts$/, ".js");
}
