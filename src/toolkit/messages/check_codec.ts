import { checkMember } from "../../api/check_member.ts";
import { InvalidCodecError } from "../../api/errors.ts";
import type { Codec } from "../../codec/codec.ts";
import { literalOf, read } from "../../util/text.ts";

const METHODS = ["frameSize", "decode", "encode"] as const;
const MAX_FRAME_SIZE = 2 ** 30;

/** Throws {@linkcode InvalidCodecError} unless `codec` can be used as one. */
export function checkCodec(codec: Codec<unknown, never>): void {
  for (const name of METHODS) {
    checkMember(codec, "a codec", name, InvalidCodecError);
  }
  const size = read(codec, "maxFrameSize");
  if (
    Number.isInteger(size) && size as number >= 1 &&
    size as number <= MAX_FRAME_SIZE
  ) return;
  throw new InvalidCodecError(
    `Cannot use a codec with the maxFrameSize ${
      literalOf(size)
    }: it must be an integer from 1 to ${MAX_FRAME_SIZE}`,
  );
}
