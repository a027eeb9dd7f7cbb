/**
 * Fetches a series and its frames by WADO-RS (PS3.18 10.4). Every failure is an OutpostError whose code has a sentence.
 */
import { lookUp } from '../../src-core/dicom/pixels/lookup-table.ts'
import type { JsonDataset } from './dicom-json.ts'
import { overlayMask } from './display-tables.ts'
import { requestDicomweb } from './dicomweb-request.ts'
import { rangeOf, samplesOf, type Samples, type StoredFrame } from './paint-frame.ts'
import type { StackFrame } from './series-stack.ts'

export interface SeriesAddress {
  readonly dicomwebRoot: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
}

/**
 * A frame that can be shown: its stored values, or a picture that the server rendered. A preview is a picture whose
 * stored values follow.
 */
export type LoadedFrame =
  | { readonly kind: 'stored'; readonly frame: StoredFrame; readonly bytes: number }
  | { readonly kind: 'picture'; readonly bitmap: ImageBitmap; readonly bytes: number; readonly preview: boolean }

function seriesUrl({ dicomwebRoot, StudyInstanceUID, SeriesInstanceUID }: SeriesAddress): string {
  const [study, series] = [StudyInstanceUID, SeriesInstanceUID].map(encodeURIComponent)
  return `${dicomwebRoot}/studies/${study}/series/${series}`
}

export function instanceUrl(address: SeriesAddress, SOPInstanceUID: string): string {
  return `${seriesUrl(address)}/instances/${encodeURIComponent(SOPInstanceUID)}`
}

export async function fetchMetadata(address: SeriesAddress, signal: AbortSignal): Promise<JsonDataset[]> {
  const response = await requestDicomweb(`${seriesUrl(address)}/metadata`, 'application/dicom+json', signal)
  return (await response.json()) as JsonDataset[]
}

/**
 * Fetches the stored values of one frame. Where decoding changed what the metadata says, the headers x-outpost-*
 * describe the values instead.
 * @error the server's code; offline; pixel-data-too-short; unsupported-bits
 */
export async function fetchStoredFrame(
  address: SeriesAddress,
  frame: StackFrame,
  signal: AbortSignal,
): Promise<LoadedFrame> {
  const response = await requestDicomweb(
    `${instanceUrl(address, frame.SOPInstanceUID)}/frames/${frame.frame}`,
    'application/octet-stream',
    signal,
  )
  const bytes = await response.arrayBuffer()
  return { kind: 'stored', bytes: bytes.byteLength, frame: storedFrameOf(frame, bytes, response.headers) }
}

/** Reads the bytes of a frame, as described by the headers of the response and by the metadata. */
export function storedFrameOf(frame: StackFrame, bytes: ArrayBuffer, headers: Headers): StoredFrame {
  const header = (name: string) => headers.get(`x-outpost-${name}`)
  const BitsAllocated = Number(
    header('bits-allocated') ?? (frame.BitsAllocated <= 8 ? 8 : frame.BitsAllocated <= 16 ? 16 : 32),
  )
  // The mask is read from the original words, because an overlay may be in bits outside the stored ones.
  const mask = overlayMask(frame.overlays, frame, bytes, BitsAllocated)
  const SamplesPerPixel = Number(header('samples') ?? frame.SamplesPerPixel) === 3 ? 3 : 1
  const samples = samplesOf(bytes, {
    count: frame.Rows * frame.Columns * SamplesPerPixel,
    BitsAllocated,
    BitsStored: frame.BitsStored,
    HighBit: frame.HighBit,
    PixelRepresentation: Number(header('pixel-representation') ?? frame.PixelRepresentation) === 1 ? 1 : 0,
  })
  const { Rows, Columns, RescaleSlope, RescaleIntercept, PresentationLUTShape, palette, modalityTable } = frame
  const PhotometricInterpretation = header('photometric') ?? frame.PhotometricInterpretation
  return {
    Rows,
    Columns,
    samples,
    SamplesPerPixel,
    PhotometricInterpretation,
    RescaleSlope,
    RescaleIntercept,
    PresentationLUTShape,
    modalityTable,
    palette,
    overlayMask: mask,
    range: grayRange(frame, samples, SamplesPerPixel),
  }
}

/** A mask of one bit always spans both of its values, so that one that is set everywhere is shown white. */
function grayRange(frame: StackFrame, samples: Samples, SamplesPerPixel: 1 | 3): readonly [number, number] {
  if (SamplesPerPixel === 3) return [0, 0]
  const { modalityTable } = frame
  if (frame.BitsStored === 1 && !modalityTable) return [0, 1]
  return rangeOf(samples, frame.padding, modalityTable ? (stored) => lookUp(modalityTable, stored) : undefined)
}

/** Fetches the whole instance as a Part 10 file. */
export async function fetchInstance(
  address: SeriesAddress,
  SOPInstanceUID: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await requestDicomweb(instanceUrl(address, SOPInstanceUID), 'application/dicom', signal)
  return new Uint8Array(await response.arrayBuffer())
}

/**
 * Whether the page itself turns stored values of this kind into a picture. The server converts other colour spaces, so
 * that the rules of the standard are implemented once.
 */
export function isShownHere(PhotometricInterpretation: string): boolean {
  return /^(MONOCHROME[12]|RGB|PALETTE COLOR)$/.test(PhotometricInterpretation)
}

/** Fetches a picture of one frame that the server rendered. @param size limits its longer side, in pixels */
export async function fetchPicture(
  address: SeriesAddress,
  frame: StackFrame,
  signal: AbortSignal,
  size?: number,
): Promise<LoadedFrame> {
  const query = size ? `?viewport=${size},${size}` : ''
  const url = `${instanceUrl(address, frame.SOPInstanceUID)}/frames/${frame.frame}/rendered${query}`
  const response = await requestDicomweb(url, 'image/jpeg', signal)
  const bitmap = await createImageBitmap(await response.blob())
  return { kind: 'picture', bitmap, bytes: bitmap.width * bitmap.height * 4, preview: size !== undefined }
}
