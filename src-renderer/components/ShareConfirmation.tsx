/** Shown after Share: what was shared, ten seconds to undo, and the text for the clipboard (U21, X4). */
import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { UNDO_MS } from '../../src-core/sharing/outbox.ts'
import { timeHasCome } from '../../src-core/time-has-come.ts'
import type { ShareProgress } from '../state/share-progress.ts'
import { Icon } from './Icon.tsx'
import styles from './SharePanel.module.css'

interface ShareConfirmationProps {
  readonly confirmation: string
  readonly undoUntil: string
  readonly undoing: boolean
  /** State of the share once Undo has lapsed. */
  readonly progress: ShareProgress
  onUndo(): void
  onAgain(): void
  onOutbox(): void
  onStudies(): void
}

const HELD_SECONDS = 10

export function ShareConfirmation({
  confirmation,
  undoUntil,
  undoing,
  progress,
  onUndo,
  onAgain,
  onOutbox,
  onStudies,
}: ShareConfirmationProps) {
  const { t } = useTranslation('share')
  const [now, setNow] = useState(() => Date.now())
  const [copied, setCopied] = useState(false)
  const undo = useRef<HTMLButtonElement>(null)
  const seconds = timeHasCome(undoUntil, new Date(now).toISOString(), UNDO_MS)
    ? 0
    : Math.ceil((new Date(undoUntil).getTime() - now) / 1000)
  const unsent = seconds === 0 && (progress === 'failed' || progress === 'cancelled')
  const title = unsent ? t(`confirmation.unsent.${progress}`) : t('confirmation.title')
  useEffect(() => {
    undo.current?.focus()
  }, [])
  useEffect(() => {
    if (seconds === 0) return
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [seconds])
  return (
    <div className={styles.confirmation} role="region" aria-label={title}>
      <h2 data-unsent={unsent}>
        <Icon name={unsent ? 'warning' : 'check'} />
        {title}
      </h2>
      <div style={{ display: 'grid', gap: 8, minHeight: 76 }}>
        {seconds > 0 ? (
          <span role="timer">{t('confirmation.held', { count: seconds })}</span>
        ) : (
          <span role="status">{t(`confirmation.progress.${progress}`)}</span>
        )}
        {seconds > 0 && (
          <>
            <div className={styles.countdownTrack}>
              <div
                className={styles.countdown}
                style={{ transform: `scaleX(${Math.min(1, seconds / HELD_SECONDS)})` }}
              />
            </div>
            <Button ref={undo} variant="default" loading={undoing} leftSection={<Icon name="retry" />} onClick={onUndo}>
              {t('confirmation.undo')}
            </Button>
          </>
        )}
      </div>
      <pre className={styles.facts} tabIndex={0} aria-label={title}>
        {confirmation}
      </pre>
      <Button
        variant="default"
        leftSection={<Icon name={copied ? 'check' : 'copy'} />}
        onClick={() => void navigator.clipboard.writeText(confirmation).then(() => setCopied(true))}
      >
        {t(copied ? 'confirmation.copied' : 'confirmation.copy')}
      </Button>
      <Button variant="subtle" onClick={onAgain}>
        {t('confirmation.again')}
      </Button>
      <Button variant="subtle" onClick={onOutbox}>
        {t('confirmation.outbox')}
      </Button>
      <Button variant="subtle" onClick={onStudies}>
        {t('confirmation.next')}
      </Button>
    </div>
  )
}
