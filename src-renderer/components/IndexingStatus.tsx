/**
 * Shows what is being read from the folders: numbers, time left, pause. It keeps its height when nothing is being read.
 */
import { Button, Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Folder } from '../../src-core/contract/studies.ts'
import { formatCount } from '../../src-ui/i18n.ts'
import { useTimeLeft } from './TimeLeft.ts'
import styles from './IndexingStatus.module.css'

interface IndexingStatusProps {
  readonly folders: readonly Folder[]
  onPause(folderId: string, paused: boolean): void
  onSkipped(): void
}

export function IndexingStatus({ folders, onPause, onSkipped }: IndexingStatusProps) {
  const { t, i18n } = useTranslation('workstation')
  const timeLeft = useTimeLeft()
  const reading = folders.find((folder) => folder.progress !== null)
  const skipped = folders.reduce((sum, folder) => sum + folder.skipped, 0)
  const number = (count: number): string => formatCount(count, i18n.language)
  return (
    <div className={styles.status} aria-label={t('indexing.label')} role="group">
      {reading?.progress && (
        <>
          <Progress
            className={styles.bar}
            value={
              reading.progress.total === null
                ? 100
                : (100 * reading.progress.done) / Math.max(1, reading.progress.total)
            }
            animated={reading.progress.total === null && reading.state !== 'paused'}
            aria-label={t('indexing.label')}
            size="sm"
          />
          <span>
            {reading.state === 'paused'
              ? t('indexing.paused', { folder: reading.name })
              : reading.progress.total === null
                ? t('indexing.progressUnknown', { folder: reading.name, done: number(reading.progress.done) })
                : t('indexing.progress', {
                    folder: reading.name,
                    done: number(reading.progress.done),
                    total: number(reading.progress.total),
                  })}
          </span>
          {reading.progress.secondsLeft !== null && reading.state !== 'paused' && (
            <span className={styles.left}>{timeLeft(reading.progress.secondsLeft)}</span>
          )}
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => onPause(reading.folderId, reading.state !== 'paused')}
          >
            {t(reading.state === 'paused' ? 'indexing.resume' : 'indexing.pause')}
          </Button>
        </>
      )}
      {skipped > 0 && (
        <Button variant="subtle" color="gray" size="compact-xs" c="var(--op-dimmed)" onClick={onSkipped}>
          {t('indexing.skipped', { count: skipped })}
        </Button>
      )}
    </div>
  )
}
