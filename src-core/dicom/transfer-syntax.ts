/** Describes how each transfer syntax encodes a data set and its pixels (PS3.5 section 10 and Annex A). */

export interface TransferSyntax {
  readonly uid: string
  readonly name: string
  readonly littleEndian: boolean
  readonly explicitVR: boolean
  readonly deflated: boolean
  /** How frames are coded; native means not encapsulated. */
  readonly pixels:
    | 'native'
    | 'rle'
    | 'jpeg'
    | 'jpeg-lossless'
    | 'jpeg-ls'
    | 'jpeg-2000'
    | 'htj2k'
    | 'jpeg-xl'
    | 'encapsulated'
    | 'deflated-frames'
    | 'video'
    | 'other'
  readonly lossy: boolean
}

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2'
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1'
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2'
export const DEFLATED_LITTLE = '1.2.840.10008.1.2.1.99'
/** Implicit little endian headers with big endian pixels, which GE systems wrote in the past. */
export const PRIVATE_GE = '1.2.840.113619.5.2'

const STANDARD_ROOT = '1.2.840.10008.1.2.'
const table = new Map<string, TransferSyntax>()
function add(
  uid: string,
  name: string,
  pixels: TransferSyntax['pixels'],
  lossy = false,
  differs: Partial<TransferSyntax> = {},
): void {
  table.set(uid, { uid, name, littleEndian: true, explicitVR: true, deflated: false, pixels, lossy, ...differs })
}
add(IMPLICIT_LITTLE, 'Implicit VR Little Endian', 'native', false, { explicitVR: false })
add(EXPLICIT_LITTLE, 'Explicit VR Little Endian', 'native')
add(EXPLICIT_BIG, 'Explicit VR Big Endian', 'native', false, { littleEndian: false })
add(DEFLATED_LITTLE, 'Deflated Explicit VR Little Endian', 'native', false, { deflated: true })
add(PRIVATE_GE, 'GE Private Implicit VR, Big Endian Pixels', 'native', false, { explicitVR: false })
add(`${STANDARD_ROOT}1.98`, 'Encapsulated Uncompressed', 'encapsulated')
add(`${STANDARD_ROOT}5`, 'RLE Lossless', 'rle')
add(`${STANDARD_ROOT}8.1`, 'Deflated Image Frame Compression', 'deflated-frames')
for (const number of [50, 51, 52, 53, 54, 55, 56, 59, 60, 61, 62, 63, 64])
  add(`${STANDARD_ROOT}4.${number}`, number === 50 ? 'JPEG Baseline' : 'JPEG Extended', 'jpeg', true)
for (const number of [57, 58, 65, 66, 70]) add(`${STANDARD_ROOT}4.${number}`, 'JPEG Lossless', 'jpeg-lossless')
add(`${STANDARD_ROOT}4.80`, 'JPEG-LS Lossless', 'jpeg-ls')
add(`${STANDARD_ROOT}4.81`, 'JPEG-LS Near-Lossless', 'jpeg-ls', true)
for (const number of [90, 92]) add(`${STANDARD_ROOT}4.${number}`, 'JPEG 2000 Lossless', 'jpeg-2000')
for (const number of [91, 93]) add(`${STANDARD_ROOT}4.${number}`, 'JPEG 2000', 'jpeg-2000', true)
for (const number of [201, 202]) add(`${STANDARD_ROOT}4.${number}`, 'HTJ2K Lossless', 'htj2k')
add(`${STANDARD_ROOT}4.203`, 'HTJ2K', 'htj2k', true)
add(`${STANDARD_ROOT}4.110`, 'JPEG XL Lossless', 'jpeg-xl')
for (const number of [111, 112]) add(`${STANDARD_ROOT}4.${number}`, 'JPEG XL', 'jpeg-xl', true)
for (const number of [100, 101, 102, 103, 104, 105, 106, 107, 108])
  add(`${STANDARD_ROOT}4.${number}`, number < 102 ? 'MPEG-2' : number < 107 ? 'H.264' : 'H.265', 'video', true)
for (const number of [100, 101, 102, 103, 104, 105, 106]) {
  const video = table.get(`${STANDARD_ROOT}4.${number}`)!
  add(`${video.uid}.1`, `${video.name} fragmentable`, 'video', true)
}
for (const number of [94, 95])
  add(`${STANDARD_ROOT}4.${number}`, 'JPIP Referenced', 'other', true, { deflated: number === 95 })

/**
 * The description of a transfer syntax. Unknown ones (private codecs) are read as explicit VR little endian, as PS3.5
 * A.4 requires of every encapsulated syntax.
 */
export function transferSyntax(uid: string): TransferSyntax {
  return (
    table.get(uid) ?? {
      uid,
      name: uid,
      littleEndian: true,
      explicitVR: true,
      deflated: false,
      pixels: 'other',
      lossy: false,
    }
  )
}

/** Whether the transfer syntax is in the table. */
export function isKnownTransferSyntax(uid: string): boolean {
  return table.has(uid)
}
