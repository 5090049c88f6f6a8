/** A service that crashes its thread soon after answering. */
export function crash(): () => void {
  return () => {
    setTimeout(() => {
      throw new Error("crashed as it was told");
    }, 0);
  };
}
