/** The window of a signed-in person: rail, connection pill, the screen, the command palette and the list of keys. */
import { useMantineColorScheme } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { StaffView } from '../../src-core/contract/shares.ts'
import { KeysDialog } from '../components/KeysDialog.tsx'
import { Rail } from '../components/Rail.tsx'
import styles from '../components/Shell.module.css'
import { CommandContext } from '../state/commands.ts'
import type { Command } from '../state/commands.ts'
import { useConnection } from '../state/connection.ts'
import { ALL_STUDIES } from '../state/library.ts'
import type { StudyFilter } from '../state/library.ts'
import { useOutbox } from '../state/outbox.ts'
import { useIdle, useSignOut } from '../state/session.ts'
import type { useSession } from '../state/session.ts'
import { useSettings } from '../state/settings.ts'
import { useShortcuts } from '../state/shortcut.ts'
import { NavigationContext, placesOf } from '../state/view.ts'
import type { View } from '../state/view.ts'
import { AuditScreen } from './AuditScreen.tsx'
import { FoldersDrawer } from './FoldersDrawer.tsx'
import { OutboxScreen } from './OutboxScreen.tsx'
import { Palette } from './Palette.tsx'
import { SettingsScreen } from './SettingsScreen.tsx'
import { StatusScreen } from './StatusScreen.tsx'
import { StudiesScreen } from './StudiesScreen.tsx'
import { StudyScreen } from './StudyScreen.tsx'

interface ShellProps {
  readonly session: NonNullable<ReturnType<typeof useSession>['data']>
  readonly staff: StaffView
}

export function Shell({ session, staff }: ShellProps) {
  const [view, setView] = useState<View>({ name: 'studies' })
  const [filter, setFilter] = useState<StudyFilter>(ALL_STUDIES)
  const [activeRow, setActiveRow] = useState(0)
  const [folders, setFolders] = useState(false)
  const [keys, setKeys] = useState(false)
  const [searchWanted, setSearchWanted] = useState(0)
  const [screenCommands, setScreenCommands] = useState<readonly Command[]>([])
  const settings = useAppliedSettings()
  const outbox = useOutbox()
  const signOut = useSignOut()
  const lock = useCallback(() => signOut.mutate({}), [signOut])
  useIdle(lock)

  const places = useMemo(() => placesOf(staff.role), [staff.role])
  const navigation = useMemo(() => ({ view, places, go: setView }), [view, places])
  const search = useCallback((changes: Partial<StudyFilter> = {}) => {
    setFilter((current) => ({ ...current, ...changes }))
    setView({ name: 'studies' })
    setSearchWanted((count) => count + 1)
  }, [])
  useShortcuts({
    '/': () => search(),
    '?': () => setKeys(true),
    ...Object.fromEntries(places.map((place, index) => [`alt+${index + 1}`, () => setView({ name: place })])),
  })
  const commandContext = useMemo(() => ({ set: setScreenCommands }), [])

  return (
    <NavigationContext.Provider value={navigation}>
      <CommandContext.Provider value={commandContext}>
        <div className={styles.shell}>
          <Rail
            places={places}
            current={view.name === 'study' ? 'studies' : view.name}
            failed={(outbox.data ?? []).filter((row) => row.state === 'failed').length}
            staff={staff}
            onGo={(place) => setView({ name: place })}
            onLock={lock}
            onKeys={() => setKeys(true)}
          />
          <div className={styles.main}>
            {view.name === 'studies' ? (
              <StudiesScreen
                active={activeRow}
                onActive={setActiveRow}
                filter={filter}
                onFilter={setFilter}
                onFolders={() => setFolders(true)}
                searchWanted={searchWanted}
                canBrowse={session.canBrowseFolders}
              />
            ) : (
              <OtherScreen view={view} session={session} staff={staff} onFolders={() => setFolders(true)} />
            )}
          </div>
          <FoldersDrawer opened={folders} onClose={() => setFolders(false)} canBrowse={session.canBrowseFolders} />
          <KeysDialog opened={keys} onClose={() => setKeys(false)} />
          <Palette
            screenCommands={screenCommands}
            onSearch={search}
            onFolders={() => setFolders(true)}
            onKeys={() => setKeys(true)}
            onLock={lock}
            settings={settings}
          />
        </div>
      </CommandContext.Provider>
    </NavigationContext.Provider>
  )
}

/** The person's settings, after they were applied to the page: colours, larger rows and language. */
function useAppliedSettings(): ReturnType<typeof useSettings> {
  const { i18n } = useTranslation('workstation')
  const { setColorScheme } = useMantineColorScheme()
  const settings = useSettings()
  useEffect(() => {
    if (settings === undefined) return
    setColorScheme(settings.colorScheme)
    document.documentElement.dataset.gloves = String(settings.glovesMode)
    if (i18n.language !== settings.language) void i18n.changeLanguage(settings.language)
  }, [settings, setColorScheme, i18n])
  return settings
}

interface OtherScreenProps extends ShellProps {
  readonly view: View
  onFolders(): void
}

/** Every screen except the list of studies, whose filter and position the shell keeps. */
function OtherScreen({ view, session, staff, onFolders }: OtherScreenProps) {
  const connection = useConnection()
  return (
    <>
      {view.name === 'study' && (
        <StudyScreen
          key={view.StudyInstanceUID}
          StudyInstanceUID={view.StudyInstanceUID}
          also={view.also}
          tab={view.tab}
        />
      )}
      {view.name === 'outbox' && <OutboxScreen />}
      {view.name === 'status' && <StatusScreen role={staff.role} />}
      {view.name === 'audit' && <AuditScreen />}
      {view.name === 'settings' && <SettingsScreen session={session} connection={connection} onFolders={onFolders} />}
    </>
  )
}
