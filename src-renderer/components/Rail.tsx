/** The navigation of the window, the signed-in person and the lock button. */
import { useTranslation } from 'react-i18next'
import type { StaffView } from '../../src-core/contract/shares.ts'
import type { Place } from '../state/view.ts'
import { Icon } from './Icon.tsx'
import styles from './Shell.module.css'

interface RailProps {
  readonly places: readonly Place[]
  readonly current: Place
  /** Number of outbox items that need a person. */
  readonly failed: number
  readonly staff: StaffView
  onGo(place: Place): void
  onLock(): void
  onKeys(): void
}

export function Rail({ places, current, failed, staff, onGo, onLock, onKeys }: RailProps) {
  const { t } = useTranslation('workstation')
  const initials = staff.name
    .replace(/\(.*\)/, '')
    .trim()
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join('')
  return (
    <nav className={styles.rail} aria-label={t('rail.label')}>
      <div className={styles.logo}>
        <img src="./icon.svg" alt={t('product')} width="28" height="28" />
      </div>
      {places.map((place, index) => (
        <button
          key={place}
          type="button"
          className={styles.place}
          aria-current={place === current ? 'page' : undefined}
          aria-keyshortcuts={`Alt+${index + 1}`}
          onClick={() => onGo(place)}
        >
          <Icon name={place} size={20} />
          <span>{t(`rail.${place}`)}</span>
          {place === 'outbox' && failed > 0 && (
            <span className={styles.count}>
              {failed}
              <span className="visually-hidden"> {t('outbox.failed')}</span>
            </span>
          )}
        </button>
      ))}
      <div className={styles.foot}>
        <button type="button" className={styles.place} aria-keyshortcuts="?" onClick={onKeys}>
          <Icon name="keys" size={20} />
          <span>{t('rail.keys')}</span>
        </button>
        <button type="button" className={styles.place} onClick={onLock}>
          <Icon name="lock" size={20} />
          <span>{t('rail.lock')}</span>
        </button>
        <div className={styles.user} title={t('rail.signedInAs', { name: staff.name })}>
          <span className={styles.initials} aria-hidden="true">
            {initials}
          </span>
          <span className="visually-hidden">{t('rail.signedInAs', { name: staff.name })}</span>
        </div>
      </div>
    </nav>
  )
}
