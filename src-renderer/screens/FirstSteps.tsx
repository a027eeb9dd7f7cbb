/** Shown while there are no studies: add a folder, receive from a modality, or open the sample studies. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Dialog } from '../components/Dialog.tsx'
import { Icon } from '../components/Icon.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useFolderActions } from '../state/library.ts'
import { AddFolderButton } from './AddFolderButton.tsx'

export function FirstSteps({ canBrowse }: { readonly canBrowse: boolean }) {
  const { t } = useTranslation(['workstation', 'common'])
  const { openSamples } = useFolderActions()
  const [receive, setReceive] = useState(false)
  return (
    <>
      <EmptyState
        title={t('studies.emptyTitle')}
        actions={
          <>
            <AddFolderButton canBrowse={canBrowse} />
            <Button variant="default" leftSection={<Icon name="receive" />} onClick={() => setReceive(true)}>
              {t('studies.receive')}
            </Button>
            <Button
              variant="default"
              leftSection={<Icon name="images" />}
              loading={openSamples.isPending}
              onClick={() => openSamples.mutate({})}
            >
              {t('studies.openSamples')}
            </Button>
          </>
        }
      >
        {openSamples.isPending ? t('studies.preparingSamples') : t('studies.emptyText')}
      </EmptyState>
      {openSamples.isError && <ErrorMessage code={codeOfFailure(openSamples.error)} />}
      <Dialog opened={receive} onClose={() => setReceive(false)} title={t('studies.receiveTitle')}>
        <p>{t('studies.receiveText')}</p>
      </Dialog>
    </>
  )
}
