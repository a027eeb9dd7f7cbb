/** The command palette: all commands of the present screen, and a search for studies. */
import { Spotlight, spotlight } from '@mantine/spotlight'
import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatDay, formatPersonName } from '../../src-ui/i18n.ts'
import { Icon } from '../components/Icon.tsx'
import type { Command } from '../state/commands.ts'
import { ALL_STUDIES, useFolderActions, useFoundStudies } from '../state/library.ts'
import type { StudyFilter } from '../state/library.ts'
import { useLayer } from '../state/layers.ts'
import { useSetSettings } from '../state/settings.ts'
import type { useSettings } from '../state/settings.ts'
import { useShortcuts } from '../state/shortcut.ts'
import { useNavigation } from '../state/view.ts'

interface PaletteProps {
  readonly screenCommands: readonly Command[]
  readonly settings: ReturnType<typeof useSettings>
  onSearch(changes?: Partial<StudyFilter>): void
  onFolders(): void
  onKeys(): void
  onLock(): void
}

export function Palette({ screenCommands, settings, onSearch, onFolders, onKeys, onLock }: PaletteProps) {
  const { t } = useTranslation('workstation')
  const [text, setText] = useState('')
  const [opened, setOpened] = useState(false)
  useLayer(opened, () => spotlight.close())
  useShortcuts({ 'mod+k': () => spotlight.toggle() })
  const groups = useGroups({ screenCommands, settings, text, onSearch, onFolders, onKeys, onLock })
  return (
    <Spotlight
      actions={groups}
      query={text}
      onQueryChange={setText}
      nothingFound={t('palette.nothing')}
      highlightQuery={false}
      scrollable
      maxHeight={460}
      shortcut={null}
      disabled={false}
      closeOnEscape={false}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      searchProps={{
        leftSection: <Icon name="search" />,
        placeholder: t('palette.search'),
        'aria-label': t('palette.search'),
      }}
    />
  )
}

const action = (id: string, label: string, onClick: () => void, keys?: string): SpotlightActionData => ({
  id,
  label,
  onClick,
  rightSection: keys === undefined ? undefined : <kbd>{keys}</kbd>,
})

function useGroups({ text, ...props }: PaletteProps & { readonly text: string }): SpotlightActionGroupData[] {
  const { t } = useTranslation('workstation')
  const { go, places } = useNavigation()
  const groups = [
    { group: t('studies.title'), actions: useStudyActions(text) },
    {
      group: t('palette.study'),
      actions: props.screenCommands.map((command) =>
        action(command.id, command.label, () => command.run(), command.keys),
      ),
    },
    {
      group: t('palette.go'),
      actions: places.map((place, index) => ({
        ...action(place, t(`commands.${place}`), () => go({ name: place }), `Alt ${index + 1}`),
        leftSection: <Icon name={place} />,
      })),
    },
    { group: t('palette.do'), actions: useGeneralActions(props) },
  ]
  return groups.filter((group) => group.actions.length > 0)
}

/** The studies that match the typed text. */
function useStudyActions(text: string): SpotlightActionData[] {
  const { i18n } = useTranslation('workstation')
  const { go } = useNavigation()
  return useFoundStudies(text).map((study) => ({
    ...action(study.StudyInstanceUID, formatPersonName(study.PatientName), () =>
      go({ name: 'study', StudyInstanceUID: study.StudyInstanceUID, also: [], tab: 'share' }),
    ),
    description: [study.StudyDescription, formatDay(study.StudyDate, i18n.language), study.PatientID]
      .filter(Boolean)
      .join(' · '),
    keywords: text,
    leftSection: <Icon name="images" />,
  }))
}

function useGeneralActions({ settings, onSearch, onFolders, onKeys, onLock }: PaletteProps): SpotlightActionData[] {
  const { t } = useTranslation('workstation')
  const { go } = useNavigation()
  const set = useSetSettings()
  const { openSamples } = useFolderActions()
  return [
    action('search', t('commands.search'), () => onSearch(), '/'),
    action('today', t('commands.today'), () => onSearch({ ...ALL_STUDIES, today: true })),
    action('not-shared', t('commands.notShared'), () => onSearch({ ...ALL_STUDIES, notShared: true })),
    action('folders', t('commands.folders'), onFolders),
    action('add-folder', t('commands.addFolder'), onFolders),
    action('import', t('import.open'), onFolders),
    action('samples', t('commands.samples'), () => {
      openSamples.mutate({})
      go({ name: 'studies' })
    }),
    settings?.colorScheme === 'light'
      ? action('dark', t('commands.dark'), () => set.mutate({ colorScheme: 'dark' }))
      : action('light', t('commands.light'), () => set.mutate({ colorScheme: 'light' })),
    action('gloves', t('commands.gloves'), () => set.mutate({ glovesMode: !(settings?.glovesMode ?? false) })),
    action('keys', t('commands.keys'), onKeys, '?'),
    action('lock', t('commands.lock'), onLock),
  ]
}
