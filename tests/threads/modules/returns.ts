import { defineReactors } from "../../../src/threads/reactor_module.ts";

export default defineReactors({ onStart: () => (() => {}) as never });
