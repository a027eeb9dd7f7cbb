/** The state of the connection, in one short line. Being offline is normal and is not shown as an alarm. */
import { Tooltip } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { formatInstant } from '../../src-ui/i18n.ts'
import type { useConnection } from '../state/connection.ts'
import styles from './Shell.module.css'

export function ConnectionPill({ connection }: { readonly connection: ReturnType<typeof useConnection> }) {
  const { t, i18n } = useTranslation('workstation')
  if (connection === undefined) return null
  const { online, waiting, lastContact } = connection
  const text =
    waiting > 0
      ? t(online ? 'connection.waiting' : 'connection.offlineWaiting', { count: waiting })
      : t(online ? 'connection.online' : 'connection.offline')
  return (
    <Tooltip
      label={
        lastContact === null
          ? t('connection.never')
          : t('connection.lastContact', { at: formatInstant(lastContact, i18n.language) })
      }
    >
      <div role="status" className={styles.connection}>
        <span className={styles.dot} data-online={online} />
        {text}
      </div>
    </Tooltip>
  )
}
