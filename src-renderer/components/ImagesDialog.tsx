/** Chooses images of a series. An image that is not ticked is left out of the share. */
import { Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { InstanceRow, SeriesRow } from '../../src-core/contract/studies.ts'
import { Dialog } from './Dialog.tsx'
import { Thumbnail, thumbnailOf } from './SeriesStrip.tsx'
import styles from './StudyView.module.css'

interface ImagesDialogProps {
  readonly StudyInstanceUID: Uid
  readonly series: SeriesRow | null
  readonly instances: readonly InstanceRow[]
  readonly leftOut: ReadonlySet<Uid>
  onLeaveOut(instances: readonly Uid[]): void
  onPutBack(instances: readonly Uid[]): void
  onClose(): void
}

export function ImagesDialog({
  StudyInstanceUID,
  series,
  instances,
  leftOut,
  onLeaveOut,
  onPutBack,
  onClose,
}: ImagesDialogProps) {
  const { t } = useTranslation(['share', 'common'])
  const all = instances.map((instance) => instance.SOPInstanceUID)
  return (
    <Dialog
      opened={series !== null}
      onClose={onClose}
      size="xl"
      title={t('what.chooseImagesOf', { series: series?.SeriesDescription || series?.Modality })}
    >
      <Group mb="sm" gap="xs">
        <Button variant="default" size="compact-sm" onClick={() => onPutBack(all)}>
          {t('what.allImages')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => onLeaveOut(all)}>
          {t('what.noImages')}
        </Button>
        <span role="status">{t('what.leftOut', { count: all.filter((uid) => leftOut.has(uid)).length })}</span>
      </Group>
      <div className={styles.images} tabIndex={0} role="group" aria-label={t('what.chooseImages')}>
        {series !== null &&
          instances.map((instance, index) => {
            const out = leftOut.has(instance.SOPInstanceUID)
            return (
              <label key={instance.SOPInstanceUID} className={styles.image} data-out={out}>
                <Thumbnail
                  src={thumbnailOf(StudyInstanceUID, series.SeriesInstanceUID, instance.SOPInstanceUID)}
                  size={120}
                />
                <input
                  type="checkbox"
                  checked={!out}
                  aria-label={t('what.keepImage', { number: instance.InstanceNumber ?? index + 1 })}
                  onChange={() => (out ? onPutBack([instance.SOPInstanceUID]) : onLeaveOut([instance.SOPInstanceUID]))}
                />
              </label>
            )
          })}
      </div>
    </Dialog>
  )
}
