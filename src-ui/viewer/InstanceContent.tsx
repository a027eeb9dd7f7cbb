/** Shows a report, document or video of a series: it can be opened, saved or read, and is never drawn on the canvas. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import { ErrorMessage } from '../components/ErrorMessage.tsx'
import { formatDay, formatPersonName } from '../i18n.ts'
import { fetchInstance, type SeriesAddress } from './dicomweb-frames.ts'
import type { OutlineLine } from './instance-content.ts'
import styles from './viewer.module.css'

type Loaded =
  | { readonly kind: 'file'; readonly url: string; readonly extension: string; readonly openable: boolean }
  | { readonly kind: 'outline'; readonly lines: readonly OutlineLine[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode }

export interface InstanceContentProps {
  readonly address: SeriesAddress
  readonly SOPInstanceUID: string
  readonly label: string
}

export function InstanceContent({ address, SOPInstanceUID, label }: InstanceContentProps) {
  const { t } = useTranslation('viewer')
  const content = useContent(address, SOPInstanceUID)
  return (
    <section className={styles.document} aria-label={label}>
      <strong>{label}</strong>
      {!content && <span role="status">{t('report.loading')}</span>}
      {content?.kind === 'failed' && <ErrorMessage code={content.code} />}
      {content?.kind === 'file' && (
        <>
          {content.openable && (
            <a href={content.url} target="_blank" rel="noreferrer">
              {t('report.open')}
            </a>
          )}
          <a href={content.url} download={`${label}.${content.extension}`}>
            {t('download')}
          </a>
        </>
      )}
      {content?.kind === 'outline' && <Outline lines={content.lines} />}
    </section>
  )
}

function Outline({ lines }: { readonly lines: readonly OutlineLine[] }) {
  const { i18n } = useTranslation('viewer')
  // A report stores names and days in the form that DICOM writes them.
  const shown = (value: string) =>
    /^[^^\s]+\^[^^]/.test(value)
      ? formatPersonName(value)
      : /^\d{8}$/.test(value)
        ? formatDay(value, i18n.language)
        : value
  return (
    <ul className={styles.outline}>
      {lines.map(({ depth, name, value }, index) => (
        <li key={index} style={{ marginInlineStart: `${Math.min(depth, 8) * 16}px` }}>
          {value ? (
            <>
              {name && <span className={styles.outlineName}>{name}: </span>}
              {shown(value)}
            </>
          ) : (
            <strong>{name}</strong>
          )}
        </li>
      ))}
    </ul>
  )
}

function useContent(address: SeriesAddress, SOPInstanceUID: string): Loaded | null {
  const { dicomwebRoot, StudyInstanceUID, SeriesInstanceUID } = address
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    let url: string | null = null
    const load = async (): Promise<Loaded> => {
      const [bytes, { contentOf }] = await Promise.all([
        fetchInstance({ dicomwebRoot, StudyInstanceUID, SeriesInstanceUID }, SOPInstanceUID, stop.signal),
        import('./instance-content.ts'),
      ])
      const content = contentOf(bytes)
      if (content.kind === 'outline') return content
      if (stop.signal.aborted) return { kind: 'failed', code: 'cancelled' }
      url = URL.createObjectURL(new Blob([content.bytes], { type: content.type }))
      return { kind: 'file', url, extension: content.extension, openable: content.openable }
    }
    load()
      .catch(
        (error: unknown): Loaded => ({
          kind: 'failed',
          code: codeOf(error) === 'internal' ? 'decode-failed' : codeOf(error),
        }),
      )
      .then((content) => {
        if (!stop.signal.aborted) setLoaded(content)
      })
    return () => {
      stop.abort()
      if (url) URL.revokeObjectURL(url)
    }
  }, [dicomwebRoot, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID])
  return loaded
}
