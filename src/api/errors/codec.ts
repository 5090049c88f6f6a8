/**
 * Bytes that a codec cannot decode, and messages that it cannot encode.
 *
 * @module
 */

import { nameOf } from "../own_errors.ts";
import { ReactioError } from "./reactio_error.ts";

/**
 * Received bytes that a codec cannot decode, or a message that it cannot
 * encode. Specific causes have subclasses.
 */
export class CodecError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecError });
}

/**
 * A frame, received or to be sent, is larger than the `max` of its codec, or
 * announces a larger size.
 */
export class FrameTooLargeError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { FrameTooLargeError });
}

/**
 * A frame has an impossible length: shorter than its header, encoded in too
 * many bytes, or different from a fixed length.
 */
export class InvalidFrameLengthError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidFrameLengthError });
}

/**
 * A message contains its own delimiter, or a line contains a line break: the
 * receiver would take it for two.
 */
export class DelimiterInPayloadError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { DelimiterInPayloadError });
}

/** Bytes that should be text are not valid UTF-8. */
export class InvalidTextError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidTextError });
}

/** The size field of a text is too small for its number of bytes. */
export class TextTooLongError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { TextTooLongError });
}

/**
 * A PROXY header violates the specification, fails its checksum, or is too
 * large.
 */
export class ProxyHeaderError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderError });
}

/**
 * The connection did not begin with a PROXY header, or ended before the header
 * was complete.
 */
export class ProxyHeaderMissingError extends ProxyHeaderError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderMissingError });
}

/** A `BinaryReader` was asked for more bytes than its frame has left. */
export class ReadOutOfBoundsError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ReadOutOfBoundsError });
}

/** A message was decoded, but bytes of its frame are left. */
export class UnreadBytesError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { UnreadBytesError });
}

/** A write would have exceeded the `max` of a `BinaryWriter`. */
export class WriterFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WriterFullError });
}

/**
 * The data is not a recording of a connection, has an unknown version, or is
 * damaged.
 */
export class InvalidRecordingError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidRecordingError });
}
