/**
 * Imports a disc, a USB drive or a ZIP file, chosen through the system's dialogs where there are any, else in the page.
 */
import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../components/Icon.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useImport } from '../state/import.ts'
import { useLayer } from '../state/layers.ts'
import { BrowseDialog } from './BrowseDialog.tsx'
import { ImportDialog } from './ImportDialog.tsx'

export function ImportButton() {
  const { t } = useTranslation('workstation')
  const { importId, state, failure, scan, start, cancel, forget } = useImport()
  const [browsing, setBrowsing] = useState(false)
  const [menu, setMenu] = useState(false)
  useLayer(menu, () => setMenu(false))
  const { chooseFolder, chooseArchive } = window.outpost ?? {}
  const choose = async (dialog: () => Promise<{ handle: string } | null>): Promise<void> => {
    const chosen = await dialog()
    if (chosen !== null) scan.mutate({ handle: chosen.handle })
  }
  const button = (onClick?: () => void) => (
    <Button
      variant="default"
      leftSection={<Icon name="receive" />}
      loading={scan.isPending}
      {...(onClick && { onClick })}
    >
      {t('import.open')}
    </Button>
  )
  return (
    <>
      {chooseFolder === undefined || chooseArchive === undefined ? (
        button(() => setBrowsing(true))
      ) : (
        <Menu zIndex={300} opened={menu} onChange={setMenu} closeOnEscape={false}>
          <Menu.Target>{button()}</Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void choose(chooseFolder)}>{t('import.fromFolder')}</Menu.Item>
            <Menu.Item onClick={() => void choose(chooseArchive)}>{t('import.fromZip')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <BrowseDialog
        opened={browsing}
        title={t('import.browse')}
        files
        onClose={() => setBrowsing(false)}
        onChoose={(handle) => {
          setBrowsing(false)
          scan.mutate({ handle })
        }}
      />
      <ImportDialog
        key={importId}
        opened={importId !== null || scan.isError}
        state={state}
        failure={failure === null ? null : codeOfFailure(failure)}
        onStart={(choices) => {
          if (importId !== null) start.mutate({ importId, choices })
        }}
        onCancel={() => {
          if (importId !== null) cancel.mutate({ importId })
        }}
        onClose={forget}
      />
    </>
  )
}
