import { InvalidOptionError } from "../../api/errors.ts";
import { textOf } from "../../util/text.ts";

/** Groups of runtimes that stop one after the other. */
export type StopOrder = readonly (readonly number[])[];

/** A copy of `order`. Throws {@linkcode InvalidOptionError} unless its ids are those of `threads` runtimes, each at most once. */
export function checkedOrder(order: StopOrder, threads: number): StopOrder {
  const seen = new Set<unknown>();
  const isRuntime = (id: unknown) =>
    Number.isInteger(id) && Number(id) >= 0 && Number(id) < threads;
  const copyOf = (group: unknown) => {
    if (!Array.isArray(group)) throw refused(order, "it has to be of arrays");
    for (const id of group) {
      if (!isRuntime(id)) {
        throw refused(order, `${textOf(id)} is not one of 0 to ${threads - 1}`);
      }
      if (seen.has(id)) throw refused(order, `${id} is there twice`);
      seen.add(id);
    }
    return [...group];
  };
  return order.map(copyOf);
}

/** `runtimeIds` in the groups of `order`; those in no group come first. */
export function stopGroups(
  runtimeIds: readonly number[],
  order: StopOrder,
): number[][] {
  const named = new Set(order.flat());
  const groups = [
    runtimeIds.filter((id) => !named.has(id)),
    ...order.map((group) => group.filter((id) => runtimeIds.includes(id))),
  ];
  return groups.filter((group) => group.length > 0);
}

function refused(order: unknown, why: string): InvalidOptionError {
  return new InvalidOptionError(
    `Cannot use stopOrder ${textOf(order)}: ${why}`,
  );
}
