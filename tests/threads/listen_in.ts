import type { Address, OpenResult, ThreadCmdSender } from "../../mod.ts";
import { ANY_PORT } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";

/** Listens in one thread only, with the factory `listener`; resolves to the address. */
export async function listenIn(
  sender: unknown,
  listener: string,
  param: unknown,
): Promise<Address> {
  const result = await new Promise<OpenResult>((completion) =>
    (sender as ThreadCmdSender).sendListen(ANY_PORT, listener, param, {
      completion,
    })
  );
  if (!result.ok) throw result.error;
  return asTcp(result.localAddress);
}
