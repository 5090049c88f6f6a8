import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import module from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { list, read } from "../docs/project.ts";

/**
 * A member of a Node that runs TypeScript; the types are those of an older one.
 */
interface TypeStripper {
  stripTypeScriptTypes(code: string): string;
}

/**
 * The library and the tests as JavaScript in a separate folder, for a Node that
 * cannot strip types itself, because it has no WebAssembly.
 */
export class StrippedSources {
  readonly #folder = mkdtempSync(join(tmpdir(), "reactio-stripped-"));

  constructor() {
    const { stripTypeScriptTypes } = module as unknown as TypeStripper;
    this.#add("package.json", `{"type":"module"}`);
    for (
      const path of ["mod.ts", ...list("src/", ".ts"), ...list("tests/", ".ts")]
    ) {
      const code = stripTypeScriptTypes(read(path));
      this.#add(
        path.replace(/\.ts$/, ".js"),
        code.replaceAll(/(from|import) "(\.[^"]+)\.ts"/g, `$1 "$2.js"`),
      );
    }
  }

  /**
   * The file here for the module at `path` in the project, which ends in `.ts`.
   */
  fileOf(path: string): string {
    return join(this.#folder, path.replace(/\.ts$/, ".js"));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #add(path: string, text: string): void {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
