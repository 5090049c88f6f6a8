/** As another copy of the package makes it. */
export default Object.defineProperty(
  {},
  Symbol.for("@reactio/reactio: defineReactors"),
  { value: true },
);
