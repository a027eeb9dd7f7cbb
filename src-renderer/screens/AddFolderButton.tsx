/** Adds a folder through the system's dialog where there is one, else by browsing in the page. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Icon } from '../components/Icon.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useFolderActions } from '../state/library.ts'
import { BrowseDialog } from './BrowseDialog.tsx'

export function AddFolderButton({
  canBrowse,
  variant = 'filled',
}: {
  readonly canBrowse: boolean
  readonly variant?: 'filled' | 'default'
}) {
  const { t } = useTranslation('workstation')
  const { add } = useFolderActions()
  const [browsing, setBrowsing] = useState(false)
  const choose = async (): Promise<void> => {
    const dialog = window.outpost?.chooseFolder
    if (dialog === undefined) {
      setBrowsing(canBrowse)
      return
    }
    const chosen = await dialog()
    if (chosen !== null) add.mutate({ handle: chosen.handle })
  }
  return (
    <>
      <Button
        variant={variant}
        leftSection={<Icon name="folder" />}
        loading={add.isPending}
        onClick={() => void choose()}
      >
        {t('studies.addFolder')}
      </Button>
      {add.isError && <ErrorMessage code={codeOfFailure(add.error)} />}
      <BrowseDialog
        opened={browsing}
        onClose={() => setBrowsing(false)}
        onChoose={(handle) => {
          setBrowsing(false)
          add.mutate({ handle })
        }}
      />
    </>
  )
}
