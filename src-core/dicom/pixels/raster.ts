/** Converts one decoded frame to the picture that is shown: 8 bits, grey or RGB. */
import { copiedBytes } from '../../bytes.ts'
import { OutpostError } from '../../contract/errors.ts'
import type { DicomDataset } from '../dataset.ts'
import { hsvToRgb, ybrFullToRgb, ybrPartialToRgb } from './color.ts'
import type { PixelDescription } from './description.ts'
import {
  isInverted,
  readModality,
  readOverlays,
  readPadding,
  readPalette,
  readVoi,
  type OverlaySource,
} from './display.ts'
import { modalityRange, renderGray, renderSmallGray, type GraySource } from './gray.ts'
import type { Allocate } from './memory.ts'
import { burnOverlay, embeddedPlane } from './overlay.ts'
import { paletteToRgb } from './palette.ts'
import type { Raster } from './raster-type.ts'
import { wholeFactor } from './shrink.ts'
import { sampleArray, storedValue } from './stored-value.ts'
import type { Voi, VoiFunction } from './voi.ts'

/** A window that the viewer asks for instead of the file's own, in modality units. */
export interface Window {
  readonly center: number
  readonly width: number
  readonly function?: VoiFunction
}

/** The samples of one frame: little endian, colour by pixel. */
export interface Samples {
  readonly pixels: Uint8Array
  readonly BitsAllocated: 8 | 16 | 32 | 64
  readonly SamplesPerPixel: 1 | 3
  /** The interpretation of the samples. A decoder may have changed it from that of the file. */
  readonly PhotometricInterpretation: string
}

export interface RasterOptions {
  readonly target?: { readonly width: number; readonly height: number }
  readonly allocate?: Allocate
}

/**
 * The picture of one frame.
 * @param frame counted from 1
 * @param window null: the file's VOI, else smallest to largest value of the frame
 * @param options target: the final size. A grey picture without overlays is then reduced by a whole factor, and stays
 * at least as large as the target. allocate: where the raster may be stored
 * @error unsupported-photometric, bad-lut, window-width-too-small
 */
export function rasterOf(
  dataset: DicomDataset,
  description: PixelDescription,
  samples: Samples,
  frame: number,
  window: Window | null,
  { target, allocate }: RasterOptions = {},
): Raster {
  const { Rows, Columns } = description
  const size = { width: Columns, height: Rows }
  const overlays = readOverlays(dataset, frame, description)
  if (samples.SamplesPerPixel === 1 && samples.PhotometricInterpretation !== 'PALETTE COLOR') {
    const { source, voi, invert } = readGray(dataset, description, samples, frame, window)
    const factor = target && overlays.length === 0 ? wholeFactor(size, target) : 1
    const reducedRaster = factor > 1 ? renderSmallGray(source, voi, invert, size, factor) : null
    return (
      reducedRaster ??
      withOverlays({ ...size, channels: 1, data: renderGray(source, voi, invert, allocate) }, overlays, samples)
    )
  }
  return withOverlays(
    {
      ...size,
      channels: 3,
      data:
        samples.SamplesPerPixel === 3
          ? colorPixels(samples, description)
          : palettePixels(dataset, description, samples),
    },
    overlays,
    samples,
  )
}

/** The same raster, with the overlays drawn into its pixels. */
function withOverlays(raster: Raster, overlays: readonly OverlaySource[], samples: Samples): Raster {
  for (const overlay of overlays) {
    const plane =
      overlay.kind === 'plane'
        ? overlay.plane
        : samples.BitsAllocated <= 32
          ? embeddedPlane(
              sampleArray(samples.pixels, samples.BitsAllocated as 8 | 16 | 32),
              overlay.position,
              overlay.Rows,
              overlay.Columns,
            )
          : null
    if (plane) burnOverlay(raster.data, raster.height, raster.width, raster.channels, plane, 255)
  }
  return raster
}

function readGray(
  dataset: DicomDataset,
  description: PixelDescription,
  samples: Samples,
  frame: number,
  window: Window | null,
): { source: GraySource; voi: Voi; invert: boolean } {
  if (!samples.PhotometricInterpretation.startsWith('MONOCHROME') && samples.PhotometricInterpretation !== '') {
    throw new OutpostError('unsupported-photometric', { PhotometricInterpretation: samples.PhotometricInterpretation })
  }
  const source: GraySource = {
    pixels: samples.pixels,
    BitsAllocated: samples.BitsAllocated,
    sampleKind: description.sampleKind,
    bits: description,
    modality: readModality(dataset, frame, description),
    padding: readPadding(dataset, description),
  }
  const requestedVoi: Voi | null = window && {
    kind: 'window',
    WindowCenter: window.center,
    WindowWidth: window.width,
    VOILUTFunction: window.function ?? 'LINEAR',
  }
  const voi = requestedVoi ?? readVoi(dataset, frame, description) ?? { kind: 'range', ...modalityRange(source) }
  return { source, voi, invert: isInverted(dataset, samples.PhotometricInterpretation) }
}

function palettePixels(dataset: DicomDataset, description: PixelDescription, samples: Samples): Uint8Array {
  const palette = readPalette(dataset, description)
  if (!palette) throw new OutpostError('bad-lut', { reason: 'palette missing' })
  if (samples.BitsAllocated > 16) throw new OutpostError('unsupported-bits', { BitsAllocated: samples.BitsAllocated })
  return paletteToRgb(samples.pixels, samples.BitsAllocated as 8 | 16, description, palette)
}

function colorPixels(samples: Samples, description: PixelDescription): Uint8Array {
  const bytes = eightBits(samples, description)
  switch (samples.PhotometricInterpretation) {
    case 'RGB':
    case 'YBR_ICT':
    case 'YBR_RCT':
      break
    case 'YBR_FULL':
    case 'YBR_FULL_422':
      ybrFullToRgb(bytes)
      break
    case 'YBR_PARTIAL_422':
    case 'YBR_PARTIAL_420':
      ybrPartialToRgb(bytes)
      break
    case 'HSV':
      hsvToRgb(bytes)
      break
    default:
      throw new OutpostError('unsupported-photometric', {
        PhotometricInterpretation: samples.PhotometricInterpretation,
      })
  }
  return bytes
}

/** The upper 8 of the stored bits, in a new array. */
function eightBits(samples: Samples, description: PixelDescription): Uint8Array {
  if (samples.BitsAllocated === 64) throw new OutpostError('unsupported-bits', { BitsAllocated: 64 })
  const words = sampleArray(samples.pixels, samples.BitsAllocated)
  const shift = description.BitsStored - 8
  if (samples.BitsAllocated === 8 && shift === 0) return copiedBytes(samples.pixels)
  const bits = { ...description, PixelRepresentation: 0 as const }
  return Uint8Array.from(words as Uint8Array, (word) =>
    shift >= 0 ? storedValue(word, bits) >>> shift : storedValue(word, bits) << -shift,
  )
}
