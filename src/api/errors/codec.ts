/**
 * Bytes are no frame or message of a codec, or a message is none that it can write.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * Bytes that no codec of this kind writes, or a message that it cannot write. What
 * can go wrong has classes of its own, which extend this one.
 */
export class CodecError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecError });
}

/** A frame is, or says that it is, larger than the `max` of its codec; whoever was to receive or to send it. */
export class FrameTooLargeError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { FrameTooLargeError });
}

/** The length of a frame is one that it cannot have: less than its header, of too many bytes, or not what all frames have. */
export class InvalidFrameLengthError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidFrameLengthError });
}

/** What was to be sent holds the delimiter that ends it, or a text to send as a line holds a line break: its receiver would take it for two. */
export class DelimiterInPayloadError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { DelimiterInPayloadError });
}

/** Bytes that were to be a text are not UTF-8. */
export class InvalidTextError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidTextError });
}

/** A text to be written behind its size has more bytes than that can tell. */
export class TextTooLongError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { TextTooLongError });
}

/** A PROXY header that breaks its specification, fails its checksum, or is larger than it may be. */
export class ProxyHeaderError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderError });
}

/** What came first is no PROXY header. */
export class ProxyHeaderMissingError extends ProxyHeaderError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderMissingError });
}

/** A `BinaryReader` was asked for more bytes than are left of its frame. */
export class ReadOutOfBoundsError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ReadOutOfBoundsError });
}

/** A message was decoded, and bytes of its frame are left. */
export class UnreadBytesError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { UnreadBytesError });
}

/** More was to be written to a `BinaryWriter` than its `max`. */
export class WriterFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WriterFullError });
}

/** What was read is no recording of a connection, of a version that is not known, or damaged. */
export class InvalidRecordingError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidRecordingError });
}
