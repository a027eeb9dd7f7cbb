/**
 * Converts modality values to display values, 0 (darkest) to 1 (brightest), by the value of interest (PS3.3 C.11.2).
 */
import { OutpostError } from '../../contract/errors.ts'
import { lookUp, type LookupTable } from './lookup-table.ts'

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'

export type Voi =
  | {
      readonly kind: 'window'
      readonly WindowCenter: number
      readonly WindowWidth: number
      readonly VOILUTFunction: VoiFunction
    }
  | { readonly kind: 'lut'; readonly table: LookupTable }
  /** The file has no VOI: the smallest value is black, the largest is white. */
  | { readonly kind: 'range'; readonly minimum: number; readonly maximum: number }

/**
 * The function LINEAR: WindowCenter − 0.5 is the middle, and the width is counted in whole grey values.
 * @see PS3.3 C.11.2.1.2.1
 */
export function linear(x: number, WindowCenter: number, WindowWidth: number): number {
  const middle = WindowCenter - 0.5
  const half = (WindowWidth - 1) / 2
  if (x <= middle - half) return 0
  if (x > middle + half) return 1
  return (x - middle) / (WindowWidth - 1) + 0.5
}

/**
 * The function LINEAR_EXACT.
 * @see PS3.3 C.11.2.1.3.2
 */
export function linearExact(x: number, WindowCenter: number, WindowWidth: number): number {
  if (x <= WindowCenter - WindowWidth / 2) return 0
  if (x > WindowCenter + WindowWidth / 2) return 1
  return (x - WindowCenter) / WindowWidth + 0.5
}

/**
 * The function SIGMOID.
 * @see PS3.3 C.11.2.1.3.1
 */
export function sigmoid(x: number, WindowCenter: number, WindowWidth: number): number {
  return 1 / (1 + Math.exp((-4 * (x - WindowCenter)) / WindowWidth))
}

/** Whether the function allows the width of a window: at least 1 for LINEAR, more than 0 for the others. */
export function isWidthAllowed(WindowWidth: number, VOILUTFunction: VoiFunction): boolean {
  return Number.isFinite(WindowWidth) && (VOILUTFunction === 'LINEAR' ? WindowWidth >= 1 : WindowWidth > 0)
}

/**
 * The function of a VOI, from modality values to display values of 0 to 1.
 * @error window-width-too-small
 */
export function voiFunction(voi: Voi): (x: number) => number {
  if (voi.kind === 'lut') {
    const highest = 2 ** voi.table.bits - 1
    return (x) => Math.min(1, lookUp(voi.table, x) / highest)
  }
  if (voi.kind === 'range') {
    const { minimum, maximum } = voi
    const range = maximum - minimum
    return range > 0 ? (x) => Math.min(1, Math.max(0, (x - minimum) / range)) : () => 0
  }
  const { WindowCenter, WindowWidth, VOILUTFunction } = voi
  if (!isWidthAllowed(WindowWidth, VOILUTFunction)) throw new OutpostError('window-width-too-small', { WindowWidth })
  const shape = VOILUTFunction === 'SIGMOID' ? sigmoid : VOILUTFunction === 'LINEAR_EXACT' ? linearExact : linear
  return (x) => shape(x, WindowCenter, WindowWidth)
}
