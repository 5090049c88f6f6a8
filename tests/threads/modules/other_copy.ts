/** Like a module made by another copy of the package. */
export default Object.defineProperty(
  {},
  Symbol.for("@reactio/reactio: defineReactors"),
  { value: true },
);
