/**
 * Reads the lookup tables and overlays of one instance from its metadata. Data that is too long for the metadata is
 * left to the pictures that the server renders. Pure.
 */
import {
  expandSegments,
  isEmptyTable,
  lutInput,
  readLookupTable,
  type LookupTable,
} from '../../src-core/dicom/pixels/lookup-table.ts'
import { burnOverlay, embeddedPlane, type OverlayPlane } from '../../src-core/dicom/pixels/overlay.ts'
import { inlineBytes, itemsOf, numberOf, numbersOf, type JsonDataset } from './dicom-json.ts'

/**
 * Returns a table's bytes, little endian, whether it was written as words (US) or as bytes (OW); null when the metadata
 * has none.
 */
export function tableBytes(dataset: JsonDataset, tag: string): Uint8Array | null {
  const words = numbersOf(dataset, tag)
  if (words.length === 0) return inlineBytes(dataset, tag)
  return Uint8Array.from({ length: words.length * 2 }, (_, at) => (words[at >> 1]! >> (at & 1 ? 8 : 0)) & 255)
}

/** Returns the first item of a LUT sequence that holds a table; undefined when there is none. */
export function lutItem(dataset: JsonDataset, sequence: string): JsonDataset | undefined {
  return itemsOf(dataset, sequence).find((item) => {
    // Long data and data of big endian files are not in the metadata, which then does not say their length.
    const bytes = tableBytes(item, '00283006')?.length ?? (item['00283006']?.vr === 'OW' ? 65_536 : 0)
    return !isEmptyTable(numbersOf(item, '00283002'), bytes)
  })
}

/**
 * Reads a modality or VOI LUT item (PS3.3 C.11.1.1, C.11.2.1.1).
 * @param signed whether the first value mapped is to be read as signed
 * @returns null when it is damaged or not in the metadata
 */
export function lookupTableOf(item: JsonDataset, signed: boolean): LookupTable | null {
  const data = tableBytes(item, '00283006')
  try {
    return data && readLookupTable(numbersOf(item, '00283002'), data, true, signed)
  } catch {
    return null
  }
}

/**
 * Returns one channel's palette, as words or bytes, from a plain or segmented table (PS3.3 C.7.9.2).
 * @param channel 1 red, 2 green, 3 blue
 */
export function paletteBytes(instance: JsonDataset, channel: number): Uint8Array | null {
  const plain = tableBytes(instance, `0028120${channel}`)
  if (plain) return plain
  const segments = tableBytes(instance, `0028122${channel}`)
  const descriptor = numbersOf(instance, `0028110${channel}`)
  if (!segments || descriptor.length === 0) return null
  try {
    const words =
      descriptor[2] === 8
        ? Uint16Array.from(segments)
        : Uint16Array.from({ length: segments.length >> 1 }, (_, at) => segments[at * 2]! + segments[at * 2 + 1]! * 256)
    return new Uint8Array(expandSegments(words, lutInput(descriptor, false).length).buffer)
  } catch {
    return null
  }
}

/** An overlay either has bit data of its own, for one frame or many, or is one bit of the stored words. */
export type Overlay =
  | {
      readonly kind: 'plane'
      readonly plane: Omit<OverlayPlane, 'firstBit'>
      readonly frames: number
      readonly firstFrame: number
    }
  | { readonly kind: 'embedded'; readonly position: number; readonly Rows: number; readonly Columns: number }

/**
 * Reads the overlays of the groups 6000 to 601E (PS3.3 C.9.2).
 * @returns null when one of them is not in the metadata
 */
export function overlaysOf(
  instance: JsonDataset,
  words: { readonly BitsAllocated: number; readonly BitsStored: number; readonly HighBit: number },
): readonly Overlay[] | null {
  const overlays: Overlay[] = []
  for (let number = 0; number <= 0x1e; number += 2) {
    const group = `60${number.toString(16).toUpperCase().padStart(2, '0')}`
    const [Rows, Columns] = [numberOf(instance, `${group}0010`), numberOf(instance, `${group}0011`)]
    if (!Rows || !Columns) continue
    if (!instance[`${group}3000`]) {
      const position = numberOf(instance, `${group}0102`) ?? 0
      const outside = position > words.HighBit || position < words.HighBit - words.BitsStored + 1
      if (outside && position > 0 && position < words.BitsAllocated && words.BitsAllocated <= 32)
        overlays.push({ kind: 'embedded', position, Rows, Columns })
      continue
    }
    const data = tableBytes(instance, `${group}3000`)
    if (!data) return null
    const [row = 1, column = 1] = numbersOf(instance, `${group}0050`).map((word) =>
      word > 32_767 ? word - 65_536 : word,
    )
    overlays.push({
      kind: 'plane',
      plane: { Rows, Columns, origin: { row, column }, data },
      frames: numberOf(instance, `${group}0015`) ?? 1,
      firstFrame: numberOf(instance, `${group}0051`) ?? 1,
    })
  }
  return overlays
}

/**
 * Marks the pixels of a frame that overlays cover with 1; null when there are no overlays.
 * @param frame from 1
 * @param bytes the frame as it was sent, little endian
 */
export function overlayMask(
  overlays: readonly Overlay[],
  image: { readonly Rows: number; readonly Columns: number; readonly frame: number },
  bytes: ArrayBuffer,
  BitsAllocated: number,
): Uint8Array | null {
  if (overlays.length === 0) return null
  const mask = new Uint8Array(image.Rows * image.Columns)
  for (const overlay of overlays) {
    if (overlay.kind === 'embedded') {
      const words =
        BitsAllocated === 8
          ? new Uint8Array(bytes)
          : BitsAllocated === 16
            ? new Uint16Array(bytes)
            : new Uint32Array(bytes)
      burnOverlay(
        mask,
        image.Rows,
        image.Columns,
        1,
        embeddedPlane(words, overlay.position, overlay.Rows, overlay.Columns),
        1,
      )
      continue
    }
    const index = overlay.frames > 1 || overlay.firstFrame > 1 ? image.frame - overlay.firstFrame : 0
    if (index < 0 || index >= overlay.frames) continue
    burnOverlay(
      mask,
      image.Rows,
      image.Columns,
      1,
      { ...overlay.plane, firstBit: index * overlay.plane.Rows * overlay.plane.Columns },
      1,
    )
  }
  return mask
}
