import { defineReactors } from "../../../mod.ts";

export default defineReactors({ onStart: () => (() => {}) as never });
