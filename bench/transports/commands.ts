/** A kind of command to send between threads. */
export interface CommandKind {
  /** Creates command number `i`. */
  make(i: number): unknown;
  /** True if `cmd` is command number `i`, intact. */
  is(cmd: unknown, i: number): boolean;
}

interface Add {
  readonly kind: string;
  readonly value: number;
}

interface Order {
  readonly kind: string;
  readonly id: number;
  readonly customer: string;
  readonly items: readonly number[];
  readonly remark: string;
}

const CUSTOMER = "Ada Lovelace";
const REMARK = "ring twice, then leave it at the door";

const small: CommandKind = {
  make: (i) => ({ kind: "add", value: i }),
  is(cmd, i) {
    const { kind, value } = cmd as Add;
    return kind === "add" && value === i;
  },
};

const nested: CommandKind = {
  make: (i) => ({
    kind: "order",
    id: i,
    customer: CUSTOMER,
    items: [i, i + 1, i + 2],
    remark: REMARK,
  }),
  is(cmd, i) {
    const { kind, id, customer, items, remark } = cmd as Order;
    return kind === "order" && id === i && customer === CUSTOMER &&
      items.length === 3 && items[0] === i && items[2] === i + 2 &&
      remark === REMARK;
  },
};

const number: CommandKind = {
  make: (i) => i,
  is: (cmd, i) => cmd === i,
};

/** The kinds of command, by name. */
export const KINDS: Readonly<Record<string, CommandKind>> = {
  small,
  nested,
  number,
};
