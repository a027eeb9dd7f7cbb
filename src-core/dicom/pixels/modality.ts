/** Converts stored values to modality units, which are HU for CT (PS3.3 C.11.1). */
import { lookUp, type LookupTable } from './lookup-table.ts'

export type Modality =
  | { readonly kind: 'rescale'; readonly RescaleSlope: number; readonly RescaleIntercept: number }
  | { readonly kind: 'lut'; readonly table: LookupTable }

export const IDENTITY: Modality = { kind: 'rescale', RescaleSlope: 1, RescaleIntercept: 0 }

/**
 * The function from stored value to modality units: slope × stored value + intercept, or the entry of the table.
 * @see PS3.3 C.11.1.1.2
 */
export function modalityFunction(modality: Modality): (stored: number) => number {
  if (modality.kind === 'lut') return (stored) => lookUp(modality.table, stored)
  const { RescaleSlope, RescaleIntercept } = modality
  return (stored) => stored * RescaleSlope + RescaleIntercept
}
