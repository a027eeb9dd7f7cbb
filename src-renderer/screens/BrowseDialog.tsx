/** Chooses a folder where the host has no native dialog. The page receives only names and opaque handles. */
import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Dialog } from '../components/Dialog.tsx'
import { Icon } from '../components/Icon.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useBrowse } from '../state/library.ts'
import styles from './BrowseDialog.module.css'

interface BrowseDialogProps {
  readonly opened: boolean
  readonly title?: string
  /** Whether ZIP files are shown and can be chosen too. */
  readonly files?: boolean
  onClose(): void
  onChoose(handle: string): void
}

export function BrowseDialog({ opened, title, files = false, onClose, onChoose }: BrowseDialogProps) {
  const { t } = useTranslation(['workstation', 'common'])
  const [handle, setHandle] = useState<string>()
  const { data, error } = useBrowse(handle, opened)
  return (
    <Dialog opened={opened} onClose={onClose} title={title ?? t('browse.title')} size="lg">
      {error && <ErrorMessage code={codeOfFailure(error)} />}
      <p className={styles.current} aria-live="polite">
        {data && t('browse.current', { folder: data.name })}
      </p>
      <ul className={styles.list} aria-label={t('browse.title')}>
        {data?.parent != null && (
          <li>
            <button type="button" className={styles.folder} onClick={() => setHandle(data.parent ?? undefined)}>
              <Icon name="up" />
              {t('browse.up')}
            </button>
          </li>
        )}
        {data?.folders.map((folder) => (
          <li key={folder.handle}>
            <button
              type="button"
              className={styles.folder}
              aria-label={t('browse.open', { folder: folder.name })}
              onClick={() => setHandle(folder.handle)}
            >
              <Icon name="folder" />
              {folder.name}
            </button>
          </li>
        ))}
        {files &&
          data?.files.map((file) => (
            <li key={file.handle}>
              <button type="button" className={styles.folder} onClick={() => onChoose(file.handle)}>
                <Icon name="images" />
                {file.name}
              </button>
            </li>
          ))}
      </ul>
      {data?.folders.length === 0 && <p className={styles.none}>{t('browse.none')}</p>}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('cancel', { ns: 'common' })}
        </Button>
        <Button
          disabled={data === undefined}
          onClick={() => {
            if (data) onChoose(data.handle)
          }}
        >
          {t('browse.choose')}
        </Button>
      </Group>
    </Dialog>
  )
}
