/** A service: what ends the thread that is asked, soon after its answer. */
export function crash(): () => void {
  return () => {
    setTimeout(() => {
      throw new Error("crashed as it was told");
    }, 0);
  };
}
