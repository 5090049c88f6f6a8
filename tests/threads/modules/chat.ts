import reactors from "../../../examples/chat/reactors.ts";
import { defineReactors } from "../../../mod.ts";
import { crash } from "../crash.ts";

const { services } = reactors;

/** What a thread cannot do: to serve who has this name. */
export const UNSERVABLE = "mallory";

/** A chat whose threads can be told to crash, or made to fail. */
export default defineReactors({
  ...reactors,
  services: {
    ...services,
    crash,
    obey: (thread: Parameters<typeof services.obey>[0]) => {
      const obey = services.obey(thread);
      return (orders: Parameters<typeof obey>[0]) => {
        for (const order of orders) {
          if (order.type !== "tell" || !order.line.includes(UNSERVABLE)) {
            continue;
          }
          throw new Error("it cannot do this");
        }
        obey(orders);
      };
    },
  },
});
