import type { SocketAddress } from "../../contract/address.ts";
import { type FailureKind, SocketFailure } from "../../contract/failure.ts";
import type { ProxyInfo } from "../../contract/proxy.ts";
import type { SocketEvents } from "../../contract/socket.ts";
import type { TlsInfo } from "../../contract/tls_info.ts";
import { socketFailure } from "../failures.ts";
import type { Process } from "../process.ts";
import { ReadMemory } from "../read_memory.ts";
import { ByteRing } from "../byte_ring.ts";
import type { SocketEnd } from "../sim_socket.ts";
import { WriteSide } from "../write_side.ts";
import { CLOSE, isClose, nameOfAlert } from "./alerts.ts";
import { ALERT, DATA, type TlsRecord } from "./records.ts";
import type { LayerOwner, TlsLayer } from "./tls_layer.ts";

/**
 * One end of a connection in TLS, when the handshake is done.
 *
 * What the connection below reports is passed on in the same event. What this end
 * causes itself is reported in an event of its own.
 */
export class SimTlsEnd implements SocketEnd, LayerOwner {
  readonly process: Process;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly proxy: ProxyInfo | undefined;
  readonly tls: TlsInfo;
  isShutDown = false;
  isDestroyed = false;
  readonly #layer: TlsLayer;
  readonly #writeSide: WriteSide;
  readonly #readMemory: ReadMemory;
  #events: SocketEvents | undefined = undefined;
  /** What was decoded and not handed out yet. */
  readonly #read = new ByteRing();
  #readCount = 0;
  #isPaused = false;
  #isReporting = false;
  /** An event is scheduled in which it reports. */
  #isDue = false;
  /** The peer has sent close_notify. */
  #hasPeerClosed = false;
  /** The connection below has ended without close_notify. */
  #isTruncated = false;
  #hasReportedEnd = false;
  /** The connection below is gone. */
  #isGone = false;
  #isClosed = false;
  #failure: SocketFailure | undefined = undefined;

  constructor(layer: TlsLayer, tls: TlsInfo) {
    const { process, socket } = layer;
    const { host, kernel } = process;
    this.#layer = layer;
    this.process = process;
    this.local = socket.localAddress;
    this.remote = socket.remoteAddress;
    this.proxy = socket.proxy;
    this.tls = tls;
    this.#readMemory = new ReadMemory(host.writes !== "counts");
    this.#writeSide = new WriteSide(
      {
        out: layer.writer,
        addToTrace: (what, a, b) =>
          kernel.addToTrace(host.name, `tls ${what}`, a, b),
        violated: (rule) => this.violated(rule),
      },
      kernel.scheduler,
      host.writes,
      host.random,
      host.faults.tlsWrites,
    );
  }

  get isStarted(): boolean {
    return this.#events !== undefined;
  }

  get canBeHandedOn(): boolean {
    return this.#isPaused || this.#isReporting;
  }

  get isBorrowing(): boolean {
    return this.#writeSide.isBorrowing;
  }

  addToTrace(what: string): void {
    this.#layer.addToTrace(what);
  }

  violated(rule: string): void {
    this.process.kernel.violated(this.process.host.name, `${rule} (tls)`);
  }

  // Called by its owner.

  start(events: SocketEvents): void {
    this.#events = events;
    this.#reportSoon();
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#isOver) return 0;
    const taken = this.#writeSide.write(buffer, start, end);
    this.#reportSoon();
    return taken;
  }

  pause(): void {
    this.#isPaused = true;
    this.#layer.socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#layer.socket.resume();
    this.#reportSoon();
  }

  shutdownWrite(): void {
    this.isShutDown = true;
    const { writer, socket } = this.#layer;
    if (this.#isOver) return;
    const { truncatedEnds } = this.process.host.faults;
    if (!truncatedEnds.strikes()) writer.send(ALERT, CLOSE);
    writer.onceDrained(() => {
      if (!this.#isOver) socket.shutdownWrite();
    });
  }

  destroy(): void {
    if (this.isDestroyed || this.#isClosed) return;
    this.isDestroyed = true;
    this.#layer.socket.destroy();
    if (this.#isGone) this.#reportSoon();
  }

  abandon(): void {
    this.#events = undefined;
    this.isDestroyed = this.#isClosed = true;
    this.#layer.abandon();
  }

  // Called by the layer below.

  onRecord({ type, content }: TlsRecord): void {
    if (this.#hasPeerClosed) return;
    if (type === DATA) {
      this.#read.append(content, 0, content.length);
      this.#readCount += content.length;
    } else if (type === ALERT && isClose(content)) {
      this.#hasPeerClosed = true;
    } else if (type === ALERT) {
      this.#fail(
        "other",
        `the peer refused by an alert: ${nameOfAlert(content)}`,
      );
    } else {
      this.#fail("broken-tls", "what the peer said was not to be said now");
    }
  }

  onNoRecord(error: Error): void {
    this.#fail("broken-tls", error.message);
  }

  onRead(): void {
    this.#report();
  }

  onSent(): void {
    this.#writeSide.onRoom();
    this.#report();
  }

  onLayerEnd(): void {
    this.#isTruncated = !this.#hasPeerClosed;
    this.#report();
  }

  onLayerClose(failure?: SocketFailure): void {
    this.#isGone = true;
    this.#failure ??= failure;
    this.#report();
  }

  /** Nothing may be sent any more. */
  get #isOver(): boolean {
    return this.isDestroyed || this.#isGone || this.#failure !== undefined;
  }

  #reportSoon(): void {
    if (this.#isDue || !this.#hasSomethingToReport) return;
    this.#isDue = true;
    this.process.schedule(() => {
      this.#isDue = false;
      this.#report();
    });
  }

  get #canRead(): boolean {
    return !this.#isPaused && !this.isDestroyed && !this.#hasReportedEnd;
  }

  get #isEndDue(): boolean {
    return this.#canRead && this.#readCount === 0 &&
      (this.#hasPeerClosed || this.#isTruncated);
  }

  get #canWrite(): boolean {
    return !this.#isOver && this.#writeSide.isWritable(this.isShutDown);
  }

  /** The connection below is gone, and what it brought was handed out or is not wanted. */
  get #mustClose(): boolean {
    if (!this.#isGone) return false;
    return this.isDestroyed || this.#failure !== undefined ||
      this.#hasReportedEnd;
  }

  get #hasSomethingToReport(): boolean {
    return this.#canRead && this.#readCount > 0 || this.#isEndDue ||
      this.#canWrite || this.#mustClose;
  }

  /** Reports to its owner whatever there is. */
  #report(): void {
    const events = this.#events;
    if (events === undefined || this.#isClosed) return;
    this.#isReporting = true;
    try {
      while (this.#canRead && this.#readCount > 0) this.#reportRead();
      if (this.#isEndDue) this.#reportEnd();
      if (this.#canWrite) {
        this.#writeSide.beforeWritable();
        this.#events?.onWritable();
      }
      if (this.#mustClose) this.#close();
    } finally {
      this.#isReporting = false;
    }
  }

  #reportRead(): void {
    const events = this.#events as SocketEvents;
    const buffer = this.#readMemory.take(events);
    const length = Math.min(this.#readCount, buffer.length);
    this.#read.take(buffer, length);
    this.#readCount -= length;
    try {
      events.onData(buffer, length);
    } finally {
      const isReading = this.#canRead && !this.#isClosed;
      const next = this.#events as SocketEvents; // it may have been handed on
      this.#readMemory.afterRead(buffer, length, isReading, next);
    }
  }

  #reportEnd(): void {
    if (this.#isTruncated) return this.#fail("truncated");
    this.#hasReportedEnd = true;
    this.addToTrace("tls end");
    this.#events?.onEnd();
  }

  /** Ends the connection below because of a failure, which is reported when it has closed. */
  #fail(kind: FailureKind, why?: string): void {
    if (this.isDestroyed || this.#failure !== undefined) return;
    this.#failure = why === undefined
      ? socketFailure(kind)
      : new SocketFailure(kind, new Error(`${why} (simulated)`));
    this.#layer.socket.destroy();
    this.addToTrace(`tls ${kind}`);
  }

  #close(): void {
    this.#isClosed = true;
    this.#writeSide.returnBorrowed();
    this.#events?.onClose(this.isDestroyed ? undefined : this.#failure);
  }
}
