/** What the recipient will get, beside the panel while it is filled in (X3). */
import { useTranslation } from 'react-i18next'
import type { Language, ShareTerms } from '../../src-core/contract/models.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Icon } from './Icon.tsx'
import panel from './SharePanel.module.css'
import styles from './RecipientPreview.module.css'

interface RecipientPreviewProps {
  readonly mail: { readonly language: Language; readonly subject: string; readonly text: string } | undefined
  readonly failure: string | null
  readonly hasRecipient: boolean
  readonly terms: ShareTerms
  onClose(): void
}

export function RecipientPreview({ mail, failure, hasRecipient, terms, onClose }: RecipientPreviewProps) {
  const { t, i18n } = useTranslation('share')
  const nameOf = (language: Language): string =>
    new Intl.DisplayNames([i18n.language === 'pseudo' ? 'en' : i18n.language], { type: 'language' }).of(language) ??
    language
  return (
    <aside className={styles.preview} aria-label={t('preview.title')}>
      <div className={styles.head}>
        <h2>{t('preview.title')}</h2>
        <button type="button" className={panel.iconButton} aria-label={t('preview.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className={styles.body}>
        {!hasRecipient ? (
          <p className={panel.dimmed}>{t('preview.needsRecipient')}</p>
        ) : !terms.sendMail ? (
          <p>{t('preview.noMail')}</p>
        ) : failure !== null ? (
          <ErrorMessage code={failure} />
        ) : (
          mail !== undefined && (
            <article className={styles.mail} lang={mail.language}>
              <p className={panel.dimmed}>{t('preview.mail', { language: nameOf(mail.language) })}</p>
              <p className={styles.subject}>
                <span className="visually-hidden">{t('preview.subject')}: </span>
                {mail.subject}
              </p>
              <pre className={styles.text} tabIndex={0}>
                {mail.text}
              </pre>
            </article>
          )
        )}
        <p className={styles.step}>
          <Icon name={terms.twoFactor ? 'lock' : 'eye'} size={16} />
          {t(terms.twoFactor ? 'preview.gate' : 'preview.open')}
        </p>
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
