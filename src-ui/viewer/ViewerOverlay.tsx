/** The texts over the image: counter, window, orientation letters, scale. None of them is about the patient. */
import { useTranslation } from 'react-i18next'
import type { ViewerSnapshot } from './stack-controller.ts'
import styles from './viewer.module.css'

const EDGES = ['left', 'right', 'top', 'bottom'] as const

export function ViewerOverlay({ snapshot }: { readonly snapshot: ViewerSnapshot }) {
  const { t, i18n } = useTranslation('viewer')
  const { stack, index, window, letters, scale, frameState } = snapshot
  if (!stack?.frames.length) return null
  const shown = (value: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: Math.abs(window!.width) < 10 ? 2 : 0 }).format(value)
  const local = (edge: string) => edge.replace(/[LRAPHF]/g, (letter) => t(`orientation.${letter as 'L'}`))
  return (
    <div className={styles.overlay} aria-hidden="true">
      <span className={styles.counter}>{t('counter', { index: index + 1, total: stack.frames.length })}</span>
      {window && (
        <span className={styles.window}>
          {t('window', { width: shown(window.width), center: shown(window.center) })}
        </span>
      )}
      {frameState === 'picture' && <span className={styles.window}>{t('rendered')}</span>}
      {letters &&
        frameState !== 'failed' &&
        EDGES.map((edge) => (
          <span key={edge} className={styles[edge]}>
            {local(letters[edge])}
          </span>
        ))}
      {scale && frameState !== 'failed' && (
        <span className={styles.scale}>
          <i style={{ inlineSize: scale.pixels }} />
          {t('scale', { mm: scale.mm })}
        </span>
      )}
    </div>
  )
}
