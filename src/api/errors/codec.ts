/**
 * Bytes that a codec cannot read, or a message that it cannot write.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * Received bytes that a codec cannot read, or a message that it cannot write. The
 * causes have classes of their own, which extend this one.
 */
export class CodecError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecError });
}

/** A frame, received or to be sent, is larger than the `max` of its codec, or says that it is. */
export class FrameTooLargeError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { FrameTooLargeError });
}

/** A frame has an impossible length: less than its header, of too many bytes, or not the one that all frames have. */
export class InvalidFrameLengthError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidFrameLengthError });
}

/** A message to send contains the delimiter, or a line to send contains a line break: the receiver would take it for two. */
export class DelimiterInPayloadError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { DelimiterInPayloadError });
}

/** Bytes that should be text are not UTF-8. */
export class InvalidTextError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidTextError });
}

/** A text has more bytes than its size field can express. */
export class TextTooLongError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { TextTooLongError });
}

/** A PROXY header that breaks its specification, fails its checksum, or is larger than it may be. */
export class ProxyHeaderError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderError });
}

/** What came first is no PROXY header, or the connection ended before the header was complete. */
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
