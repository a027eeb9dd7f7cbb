/** The viewer's tools as buttons, each with its label and its key. */
import { useTranslation } from 'react-i18next'
import type { DragTool } from './gestures.ts'
import { Icon, type IconName } from './icons.tsx'
import { presetsFor } from './presets.ts'
import type { StackController, ViewerSnapshot } from './stack-controller.ts'
import styles from './viewer.module.css'

export interface ViewerToolbarProps {
  readonly controller: StackController
  readonly snapshot: ViewerSnapshot
  readonly tool: DragTool
  readonly onTool: (tool: DragTool) => void
  /** When absent, key images cannot be marked. */
  readonly keyImage?: { readonly marked: boolean; readonly toggle: () => void }
}

const TOOLS: readonly DragTool[] = ['scroll', 'window', 'zoom', 'pan']

export function ViewerToolbar({ controller, snapshot, tool, onTool, keyImage }: ViewerToolbarProps) {
  const { t } = useTranslation('viewer')
  const presets = presetsFor(snapshot.stack?.Modality ?? '')
  const withKey = (label: string, key: string) => t('withKey', { label, key })
  return (
    <div role="toolbar" aria-label={t('toolbar')} className={styles.toolbar}>
      {TOOLS.map((name) => (
        <ToolButton
          key={name}
          icon={name}
          label={t(`tools.${name}`)}
          pressed={tool === name}
          onClick={() => onTool(name)}
        />
      ))}
      <label className={styles.preset}>
        <span className={styles.hidden}>{t('tools.presets')}</span>
        <select
          value={snapshot.preset ?? ''}
          disabled={!snapshot.window}
          onChange={(event) =>
            controller.choosePreset(presets.findIndex((preset) => preset.name === event.target.value) + 1)
          }
        >
          {snapshot.preset === null && <option value="">—</option>}
          {presets.map((preset, index) => (
            <option key={preset.name} value={preset.name}>{`${index + 1} ${t(`preset.${preset.name}`)}`}</option>
          ))}
        </select>
      </label>
      <ToolButton
        icon="invert"
        label={withKey(t('tools.invert'), 'I')}
        pressed={snapshot.inverted}
        onClick={() => controller.invert()}
      />
      <ToolButton icon="rotate" label={withKey(t('tools.rotate'), 'T')} onClick={() => controller.turn()} />
      <ToolButton icon="flip" label={withKey(t('tools.flip'), 'M')} onClick={() => controller.mirror()} />
      <ToolButton icon="reset" label={withKey(t('tools.reset'), 'R')} onClick={() => controller.reset()} />
      {(snapshot.stack?.frames.length ?? 0) > 1 && (
        <ToolButton
          icon={snapshot.playing ? 'pause' : 'play'}
          label={withKey(t(snapshot.playing ? 'tools.pause' : 'tools.play'), t('spaceKey'))}
          onClick={() => controller.togglePlay()}
        />
      )}
      {keyImage && (
        <ToolButton
          icon="keyImage"
          label={t('tools.keyImage')}
          pressed={keyImage.marked}
          filled={keyImage.marked}
          onClick={keyImage.toggle}
        />
      )}
    </div>
  )
}

interface ToolButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly pressed?: boolean
  readonly filled?: boolean
  readonly onClick: () => void
}

function ToolButton({ icon, label, pressed, filled, onClick }: ToolButtonProps) {
  return (
    <button
      type="button"
      className={styles.tool}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} filled={filled} />
    </button>
  )
}
