import { defineReactors } from "../../../mod.ts";

export default defineReactors({ onStart: () => new Promise(() => {}) });
