import { MAX_SHAPE_KEYS, MAX_SHAPES } from "../../tuning.ts";
import { NUMBER_ID, SHAPELESS_ID } from "./batch.ts";
import { NO_KEYS, NUMBER, type Shape, SHAPELESS } from "./encoded_command.ts";

/**
 * The shapes that the other thread knows, by number. Their count is limited:
 * commands whose keys are always new, used as maps, must not fill the memory.
 */
export class ShapeTable {
  readonly #ids = new Map<string, number>();
  #new: Shape[] | undefined = undefined;
  #last = NO_KEYS;
  #lastId = SHAPELESS_ID;

  /** The shape that was used last: the next command probably has it, too. */
  get last(): Shape {
    return this.#last;
  }

  /** The number of `shape`, which is often the last one; a new one is remembered if there is room. */
  idOf(shape: Shape): number {
    if (shape === NUMBER) return NUMBER_ID;
    if (shape === SHAPELESS) return SHAPELESS_ID;
    if (shape === this.#last && this.#lastId !== SHAPELESS_ID) {
      return this.#lastId;
    }
    if (shape.keys.length > MAX_SHAPE_KEYS) return SHAPELESS_ID;
    const name = JSON.stringify([shape.keys, shape.areNumbers]);
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#ids.size;
      if (id === MAX_SHAPES) return SHAPELESS_ID;
      this.#ids.set(name, id);
      (this.#new ??= []).push(shape);
    }
    this.#last = shape;
    this.#lastId = id;
    return id;
  }

  /** The shapes that are new since the last call. */
  takeNew(): readonly Shape[] | undefined {
    const shapes = this.#new;
    this.#new = undefined;
    return shapes;
  }
}
