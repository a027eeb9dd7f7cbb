/** The windows that the keys 1 to 9 choose, by modality. */
import type { VoiWindow } from './gray-table.ts'

export type PresetName =
  | 'default'
  | 'soft-tissue'
  | 'lung'
  | 'bone'
  | 'brain'
  | 'mediastinum'
  | 'liver'
  | 'angio'
  | 'stroke'
  | 'full'

/** A window of null: default takes the file's own window, full shows every value. */
export interface Preset {
  readonly name: PresetName
  readonly window: VoiWindow | null
}

const ct = (name: PresetName, center: number, width: number): Preset => ({
  name,
  window: { center, width, function: 'LINEAR' },
})

const CT_PRESETS: readonly Preset[] = [
  { name: 'default', window: null },
  ct('soft-tissue', 40, 400),
  ct('lung', -600, 1500),
  ct('bone', 400, 1800),
  ct('brain', 40, 80),
  ct('mediastinum', 50, 350),
  ct('liver', 60, 160),
  ct('angio', 300, 600),
  ct('stroke', 35, 40),
]

const OTHER_PRESETS: readonly Preset[] = [
  { name: 'default', window: null },
  { name: 'full', window: null },
]

/** Returns the presets in the order of the keys 1 to 9. Only the values of CT have the same unit on every scanner. */
export function presetsFor(Modality: string): readonly Preset[] {
  return Modality === 'CT' ? CT_PRESETS : OTHER_PRESETS
}
