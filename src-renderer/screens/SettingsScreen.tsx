/** The preferences of the signed-in person, and information about this workstation. */
import { Button, NativeSelect, SegmentedControl, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Language } from '../../src-core/contract/identifiers.ts'
import { formatInstant, LANGUAGE_NAMES } from '../../src-ui/i18n.ts'
import { Icon } from '../components/Icon.tsx'
import styles from '../components/Lists.module.css'
import shell from '../components/Shell.module.css'
import type { useConnection } from '../state/connection.ts'
import { useFolders } from '../state/library.ts'
import type { useSession } from '../state/session.ts'
import { useSetSettings, useSettings } from '../state/settings.ts'
import { ScreenHead } from './ScreenHead.tsx'

interface SettingsScreenProps {
  readonly session: NonNullable<ReturnType<typeof useSession>['data']>
  readonly connection: ReturnType<typeof useConnection>
  onFolders(): void
}

const SCHEMES = ['dark', 'light', 'auto'] as const

export function SettingsScreen({ session, connection, onFolders }: SettingsScreenProps) {
  const { t, i18n } = useTranslation('workstation')
  const settings = useSettings()
  const set = useSetSettings()
  const folders = useFolders() ?? []
  const facts: [string, string][] = [
    [t('settings.organisation'), session.organisation],
    [t('settings.department'), session.department],
    [t('settings.name'), session.workstation],
    [t('settings.relay'), connection?.relayUrl ?? t('connection.notEnrolled')],
    [
      t('settings.lastContact'),
      connection?.lastContact ? formatInstant(connection.lastContact, i18n.language) : t('connection.never'),
    ],
  ]
  return (
    <main className={shell.screen}>
      <ScreenHead title={t('settings.title')} />
      <div className={shell.body} tabIndex={0} role="region" aria-label={t('settings.title')}>
        <div className={styles.settings}>
          <section aria-labelledby="settings-appearance">
            <h2 id="settings-appearance">{t('settings.appearance')}</h2>
            <div>
              <p className={styles.dimmed} id="settings-colours">
                {t('settings.colorScheme')}
              </p>
              <SegmentedControl
                aria-labelledby="settings-colours"
                value={settings?.colorScheme ?? 'dark'}
                data={SCHEMES.map((value) => ({ value, label: t(`settings.schemes.${value}`) }))}
                onChange={(value) => set.mutate({ colorScheme: value as (typeof SCHEMES)[number] })}
              />
            </div>
            <NativeSelect
              w={260}
              label={t('settings.language')}
              value={settings?.language ?? 'en'}
              data={Language.options.map((language) => ({ value: language, label: LANGUAGE_NAMES[language] }))}
              onChange={(event) => set.mutate({ language: Language.parse(event.currentTarget.value) })}
            />
            <Switch
              label={t('settings.gloves')}
              description={t('settings.glovesHint')}
              checked={settings?.glovesMode ?? false}
              onChange={(event) => set.mutate({ glovesMode: event.currentTarget.checked })}
            />
          </section>
          <section aria-labelledby="settings-folders">
            <h2 id="settings-folders">{t('settings.foldersTitle')}</h2>
            {folders.length === 0 ? (
              <p className={styles.dimmed}>{t('folders.none')}</p>
            ) : (
              <p>{folders.map((folder) => folder.name).join(', ')}</p>
            )}
            <Button variant="default" leftSection={<Icon name="folder" />} onClick={onFolders}>
              {t('commands.folders')}
            </Button>
          </section>
          <section aria-labelledby="settings-security">
            <h2 id="settings-security">{t('settings.security')}</h2>
            <p>{t(session.secrets.backend === 'keychain' ? 'settings.keychain' : 'settings.file')}</p>
            {session.demonstration && session.secrets.backend === 'file' && <p>{t('settings.demonstration')}</p>}
          </section>
          <section aria-labelledby="settings-workstation">
            <h2 id="settings-workstation">{t('settings.workstation')}</h2>
            <dl className={styles.facts}>
              {facts.map(([label, value]) => (
                <div key={label} style={{ display: 'contents' }}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
      </div>
    </main>
  )
}
