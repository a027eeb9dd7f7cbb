/** Reports of a series: named as what they are, opened and downloaded, never drawn on the canvas. */
import { useTranslation } from 'react-i18next'
import { instanceUrl, type SeriesAddress } from './dicomweb-frames.ts'
import type { StackDocument } from './series-stack.ts'
import styles from './viewer.module.css'

export function SeriesDocuments({ address, documents }: { readonly address: SeriesAddress; readonly documents: readonly StackDocument[] }) {
  const { t } = useTranslation('viewer')
  return (
    <ul className={styles.documents}>
      {documents.map((document) => {
        const url = `${instanceUrl(address, document.SOPInstanceUID)}/rendered`
        return (
          <li key={document.SOPInstanceUID} className={styles.document}>
            <strong>{t('report.title')}</strong>
            <a href={url} target="_blank" rel="noreferrer">{t('report.open')}</a>
            <a href={url} download="">{t('report.download')}</a>
          </li>
        )
      })}
    </ul>
  )
}
