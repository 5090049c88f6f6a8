import type { Adapter, Socket } from "../../mod.ts";
import { WrappedAdapter, WrappedSocket } from "./wrapped_adapter.ts";

/**
 * An adapter that hides the real type of its sockets, so that layers above it
 * can use only the common interface.
 */
export class OpaqueAdapter extends WrappedAdapter<WrappedSocket> {
  override readonly name = `${this.inner.name}, opaque`;
  override readonly loadTls: Adapter["loadTls"] = this.inner.loadTls;

  protected wrap(socket: Socket): WrappedSocket {
    return new WrappedSocket(socket);
  }
}
