/** Reads values of the rows that a DICOMweb source returns. */
import type { DicomJson } from '../dicomweb-source.ts'

/**
 * The first value of an element as text; empty when there is none.
 * @param tag 8 hexadecimal digits
 */
export function firstValue(row: DicomJson, tag: string): string {
  return String(row[tag]?.Value?.[0] ?? '')
}

/** The number of the middle frame of an instance, counted from 1. */
export function middleFrame(row: DicomJson | undefined): number {
  const frames = Number(row ? firstValue(row, '00280008') : 1)
  return frames > 1 ? Math.floor(frames / 2) + 1 : 1
}
