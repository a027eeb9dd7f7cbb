/** Reduces a compressed frame of any transfer syntax to the bytes that its decoder needs. */
import type { PixelDescription } from '../../dicom/pixels/description.ts'
import type { TransferSyntax } from '../../dicom/transfer-syntax.ts'
import { shownPixels } from '../native-pixels.ts'
import { uint32, unwalkable } from './bytes.ts'
import { cleanJp2 } from './jp2-boxes.ts'
import { cleanJpeg2000 } from './jpeg-2000.ts'
import { cleanJpeg } from './jpeg.ts'
import { cleanRle } from './rle.ts'

/**
 * @param frame the joined fragments of the frame
 * @param pixels how the transfer syntax codes frames. A codestream of the JPEG family is recognized by its first bytes,
 * as decoders do
 * @error cannot-deidentify for a codestream that cannot be walked; JPEG XL, deflated frames and video are among them
 */
export function cleanFrame(
  frame: Uint8Array,
  pixels: TransferSyntax['pixels'],
  description: PixelDescription,
): Uint8Array {
  if (pixels === 'rle') return cleanRle(frame, description)
  if (pixels === 'encapsulated' || pixels === 'native') return shownPixels(frame, { ...description, NumberOfFrames: 1 })
  if (pixels === 'video' || pixels === 'deflated-frames' || pixels === 'other') throw unwalkable(pixels)
  if (frame[0] === 0xff && frame[1] === 0xd8) return cleanJpeg(frame)
  if (frame[0] === 0xff && frame[1] === 0x4f) return cleanJpeg2000(frame)
  if (frame.length > 12 && uint32(frame, 0) === 12 && uint32(frame, 4) === 0x6a502020) return cleanJp2(frame)
  throw unwalkable('codestream')
}
