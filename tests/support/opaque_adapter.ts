import type { Adapter, Socket } from "../../mod.ts";
import { WrappedAdapter, WrappedSocket } from "./wrapped_adapter.ts";

/** An adapter of whose sockets nobody knows what they are: what lies over one has to do with what all have. */
export class OpaqueAdapter extends WrappedAdapter<WrappedSocket> {
  override readonly name = `${this.inner.name}, opaque`;
  override readonly loadTls: Adapter["loadTls"] = this.inner.loadTls;

  protected wrap(socket: Socket): WrappedSocket {
    return new WrappedSocket(socket);
  }
}
