/** The list of keys, opened by "?". */
import { Kbd } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Dialog } from './Dialog.tsx'
import styles from './KeysDialog.module.css'

export function KeysDialog({ opened, onClose }: { readonly opened: boolean; onClose(): void }) {
  const { t } = useTranslation(['workstation', 'common'])
  const modifier = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'
  const groups: { title: string; rows: [string[], string][] }[] = [
    {
      title: t('keys.everywhere'),
      rows: [
        [[`${modifier} K`], t('keys.palette')],
        [['/'], t('keys.search')],
        [['?'], t('keys.list')],
        [['Alt 1', 'Alt 5'], t('keys.go')],
      ],
    },
    {
      title: t('keys.inStudies'),
      rows: [
        [['↑', '↓'], t('keys.move')],
        [[t('keys.enter')], t('keys.open')],
        [[t('keys.space')], t('keys.select')],
      ],
    },
    {
      title: t('keys.inStudy'),
      rows: [
        [['S'], t('keys.share')],
        [['F'], t('keys.favourite')],
        [[`${modifier} ${t('keys.enter')}`], t('keys.submit')],
        [['1', '9'], t('keys.presets')],
        [['I'], t('keys.invert')],
        [['R'], t('keys.reset')],
        [[t('keys.space')], t('keys.cine')],
        [[t('keys.escape')], t('keys.back')],
      ],
    },
  ]
  return (
    <Dialog opened={opened} onClose={onClose} title={t('keys.title')} size="lg">
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group.title} className={styles.group}>
            <h3>{group.title}</h3>
            <dl>
              {group.rows.map(([keys, meaning]) => (
                <div key={meaning} className={styles.row}>
                  <dt>
                    {keys.map((key, index) => (
                      <span key={key}>
                        {index > 0 && ' – '}
                        <Kbd>{key}</Kbd>
                      </span>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
