/** Preset coding parameters of JPEG-LS (ISO 14495-1 C.2.4.1.1). */
import { OutpostError } from '../../contract/errors.ts'
import type { JpegLsPreset } from './jpeg-ls-scan.ts'

export type { JpegLsPreset }

const failed = (reason: string): OutpostError => new OutpostError('decode-failed', { reason: `jpeg-ls ${reason}` })

/**
 * Reads the preset parameters of an LSE segment (id 1), where 0 means the default value. Mapping tables and large sizes
 * are not used in DICOM images.
 */
export function readPreset(view: DataView, at: number, end: number): Partial<JpegLsPreset> {
  const id = at < end ? view.getUint8(at) : 0
  if (id !== 1) throw failed('preset')
  if (end - at < 11) throw failed('preset')
  const [MAXVAL = 0, T1 = 0, T2 = 0, T3 = 0, RESET = 0] = [1, 3, 5, 7, 9].map((offset) => view.getUint16(at + offset))
  return { MAXVAL, T1, T2, T3, RESET }
}

/**
 * The preset parameters with their default values.
 * @see ISO 14495-1 C.2.4.1.1
 */
export function presetOf(stated: Partial<JpegLsPreset>, precision: number, NEAR: number): JpegLsPreset {
  const MAXVAL = stated.MAXVAL || 2 ** precision - 1
  if (MAXVAL >= 2 ** precision || NEAR > Math.min(255, MAXVAL >> 1)) throw failed('preset')
  const clamp = (value: number, least: number): number => (value > MAXVAL || value < least ? least : value)
  const large = (Math.min(MAXVAL, 4095) + 128) >> 8
  const small = Math.floor(256 / (MAXVAL + 1))
  const defaultThreshold = (base: number, low: number): number =>
    MAXVAL >= 128 ? large * (base - low) + low : Math.max(low, Math.floor(base / small))
  const T1 = stated.T1 || clamp(defaultThreshold(3, 2) + 3 * NEAR, NEAR + 1)
  const T2 = stated.T2 || clamp(defaultThreshold(7, 3) + 5 * NEAR, T1)
  const T3 = stated.T3 || clamp(defaultThreshold(21, 4) + 7 * NEAR, T2)
  const RESET = stated.RESET || 64
  if (T1 < NEAR + 1 || T2 < T1 || T3 < T2 || T3 > MAXVAL || RESET < 3) throw failed('preset')
  return { MAXVAL, T1, T2, T3, RESET }
}
