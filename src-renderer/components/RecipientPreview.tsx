/** What each recipient will receive, shown beside the share panel while it is filled in (X3). */
import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { SharePreview } from '../../src-core/contract/workstation.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Icon } from './Icon.tsx'
import panel from './SharePanel.module.css'
import styles from './RecipientPreview.module.css'

interface RecipientPreviewProps {
  readonly preview: SharePreview | undefined
  readonly failure: string | null
  readonly terms: Pick<ShareTerms, 'sendMail' | 'anonymize'>
  onClose(): void
}

export function RecipientPreview({ preview, failure, terms, onClose }: RecipientPreviewProps) {
  const { t } = useTranslation('share')
  const [wanted, setWanted] = useState<string | null>(null)
  const mails = preview?.mails ?? []
  const mail = mails.find(({ recipientId }) => recipientId === wanted) ?? mails[0]
  return (
    <aside className={styles.preview} aria-label={t('preview.title')}>
      <div className={styles.head}>
        <h2>{t('preview.title')}</h2>
        <button type="button" className={panel.iconButton} aria-label={t('preview.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className={styles.body}>
        {mails.length > 1 && (
          <NativeSelect
            label={t('preview.recipient')}
            value={mail?.recipientId ?? ''}
            data={mails.map(({ recipientId, name }) => ({ value: recipientId, label: name }))}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
        {failure !== null ? (
          <ErrorMessage code={failure} />
        ) : preview === undefined || mail === undefined ? (
          <p className={panel.dimmed}>{t('preview.needsRecipient')}</p>
        ) : (
          <>
            {terms.sendMail ? <Mail language={preview.language} mail={mail} /> : <p>{t('preview.noMail')}</p>}
            <p className={styles.step}>
              <Icon name={mail.twoFactor ? 'lock' : 'eye'} size={16} />
              {t(mail.twoFactor ? 'preview.gate' : 'preview.open')}
            </p>
          </>
        )}
        {terms.anonymize && (
          <p className={styles.step}>
            <Icon name="person" size={16} />
            {t('preview.anonymized')}
          </p>
        )}
      </div>
    </aside>
  )
}

function Mail({ language, mail }: { readonly language: Language; readonly mail: SharePreview['mails'][number] }) {
  const { t, i18n } = useTranslation('share')
  const names = new Intl.DisplayNames([i18n.language === 'pseudo' ? 'en' : i18n.language], { type: 'language' })
  return (
    <article className={styles.mail} lang={language}>
      <p className={panel.dimmed}>{t('preview.mail', { language: names.of(language) ?? language })}</p>
      <p className={styles.subject}>
        <span className="visually-hidden">{t('preview.subject')}: </span>
        {mail.subject}
      </p>
      <pre className={styles.text} tabIndex={0}>
        {mail.text}
      </pre>
    </article>
  )
}
