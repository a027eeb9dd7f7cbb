/** The folders that Outpost reads, and the skipped files with their reasons. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Folder } from '../../src-core/contract/studies.ts'
import { knownCode } from '../../src-core/contract/errors.ts'
import { formatCount } from '../../src-ui/i18n.ts'
import { ConfirmDialog } from '../components/ConfirmDialog.tsx'
import { useFolderActions, useFolders, useSkipped } from '../state/library.ts'
import { AddFolderButton } from './AddFolderButton.tsx'
import { ImportButton } from './ImportButton.tsx'
import { SideDrawer } from '../components/Dialog.tsx'
import styles from './FoldersDrawer.module.css'

export function FoldersDrawer({
  opened,
  onClose,
  canBrowse,
}: {
  readonly opened: boolean
  onClose(): void
  readonly canBrowse: boolean
}) {
  const { t } = useTranslation(['workstation', 'common'])
  const folders = useFolders() ?? []
  const skipped = useSkipped(opened)
  const { remove } = useFolderActions()
  const [removing, setRemoving] = useState<Folder | null>(null)
  const more = (skipped.data?.total ?? 0) - (skipped.data?.rows.length ?? 0)
  return (
    <SideDrawer opened={opened} onClose={onClose} size={520} title={t('folders.title')}>
      {folders.length === 0 && <p className={styles.dimmed}>{t('folders.none')}</p>}
      <ul className={styles.list}>
        {folders.map((folder) => (
          <FolderItem key={folder.folderId} folder={folder} onRemove={() => setRemoving(folder)} />
        ))}
      </ul>
      <div className={styles.add}>
        <AddFolderButton canBrowse={canBrowse} variant={folders.length === 0 ? 'filled' : 'default'} />
        <ImportButton />
      </div>
      <h3 className={styles.subtitle}>{t('folders.skippedTitle')}</h3>
      {skipped.data?.total === 0 ? (
        <p className={styles.dimmed}>{t('folders.skippedNone')}</p>
      ) : (
        <SkippedTable rows={skipped.data?.rows ?? []} />
      )}
      {more > 0 && <p className={styles.dimmed}>{t('folders.more', { count: more })}</p>}
      <ConfirmDialog
        opened={removing !== null}
        title={t('folders.removeTitle', { folder: removing?.name ?? '' })}
        text={t('folders.removeText')}
        confirm={t('folders.removeConfirm')}
        keep={t('cancel', { ns: 'common' })}
        onClose={() => setRemoving(null)}
        onConfirm={() => {
          if (removing) remove.mutate({ folderId: removing.folderId })
          setRemoving(null)
        }}
      />
    </SideDrawer>
  )
}

function FolderItem({ folder, onRemove }: { readonly folder: Folder; onRemove(): void }) {
  const { t, i18n } = useTranslation(['workstation', 'errors'])
  const { rescan, pause } = useFolderActions()
  const number = (count: number): string => formatCount(count, i18n.language)
  return (
    <li className={styles.folder}>
      <div className={styles.name}>{folder.name}</div>
      <div className={styles.dimmed}>
        {t(`folders.state.${folder.state}`)} ·{' '}
        {t('folders.counts', { indexed: number(folder.indexed), files: number(folder.files) })}
      </div>
      {folder.code !== null && <p role="status">{t(knownCode(folder.code), { ns: 'errors' })}</p>}
      <div className={styles.actions}>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`${t('folders.rescan')}: ${folder.name}`}
          onClick={() => rescan.mutate({ folderId: folder.folderId })}
        >
          {t('folders.rescan')}
        </Button>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`${t(folder.state === 'paused' ? 'indexing.resume' : 'indexing.pause')}: ${folder.name}`}
          onClick={() => pause.mutate({ folderId: folder.folderId, paused: folder.state !== 'paused' })}
        >
          {t(folder.state === 'paused' ? 'indexing.resume' : 'indexing.pause')}
        </Button>
        <Button
          variant="subtle"
          size="compact-sm"
          c="var(--op-bad)"
          aria-label={`${t('folders.remove')}: ${folder.name}`}
          onClick={onRemove}
        >
          {t('folders.remove')}
        </Button>
      </div>
    </li>
  )
}

type SkippedFile = NonNullable<ReturnType<typeof useSkipped>['data']>['rows'][number]

function SkippedTable({ rows }: { readonly rows: readonly SkippedFile[] }) {
  const { t } = useTranslation(['workstation', 'errors'])
  return (
    <table className={styles.skipped}>
      <thead>
        <tr>
          <th scope="col">{t('folders.file')}</th>
          <th scope="col">{t('folders.why')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((file) => (
          <tr key={`${file.folderId} ${file.name}`}>
            <td>{file.name}</td>
            <td>{t(knownCode(file.code), { ns: 'errors' })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
