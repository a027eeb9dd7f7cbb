/**
 * A viewer of one series, which fetches everything by DICOMweb. Several may be shown side by side: each has its own
 * controller.
 * Keys while the viewer has the focus: arrows, Page Up and Down, Home, End, 1–9 (windows), + and −, I, R, T, M,
 * Space.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../components/ErrorMessage.tsx'
import { EmptyState } from '../components/EmptyState.tsx'
import { actOnKey, listenToGestures, type DragTool } from './gestures.ts'
import { InstanceContent } from './InstanceContent.tsx'
import type { SeriesAddress } from './dicomweb-frames.ts'
import type { SeriesStack } from './series-stack.ts'
import { StackController, type ViewerSnapshot } from './stack-controller.ts'
import { ViewerOverlay } from './ViewerOverlay.tsx'
import { ViewerToolbar } from './ViewerToolbar.tsx'
import styles from './viewer.module.css'

export interface StackViewerProps {
  /** For example /dicomweb, without a trailing slash. */
  readonly dicomwebRoot: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  /** The frame to begin with, from 0, in reading order. */
  readonly initialIndex?: number
  readonly onIndexChange?: (index: number, SOPInstanceUID: string) => void
  /** SOPInstanceUIDs of the key images; the star is shown only with onKeyImage. */
  readonly keyImages?: ReadonlySet<string>
  readonly onKeyImage?: (image: { SOPInstanceUID: string; frame: number }) => void
  /** The viewer takes the focus when it appears. */
  readonly autoFocus?: boolean
  /** The most memory, in bytes, for the stored pixel values of frames. */
  readonly limitBytes?: number
}

const LIMIT_BYTES = 384 * 1024 * 1024

/** The key makes React create a new viewer for another series. */
export function StackViewer(props: StackViewerProps) {
  return <SeriesViewer key={`${props.dicomwebRoot} ${props.StudyInstanceUID} ${props.SeriesInstanceUID}`} {...props} />
}

function SeriesViewer(props: StackViewerProps) {
  const controller = useController(props)
  return controller ? <ViewerScreen {...props} controller={controller} /> : <div className={styles.viewer} />
}

/** Creates the controller in an effect, so that its cleanup ends every request. */
function useController({
  dicomwebRoot,
  StudyInstanceUID,
  SeriesInstanceUID,
  initialIndex = 0,
  limitBytes = LIMIT_BYTES,
}: StackViewerProps): StackController | null {
  const [controller, setController] = useState<StackController | null>(null)
  const startOptions = useRef({ initialIndex, limitBytes })
  useEffect(() => {
    const created = new StackController({ dicomwebRoot, StudyInstanceUID, SeriesInstanceUID, ...startOptions.current })
    setController(created)
    return () => created.close()
  }, [dicomwebRoot, StudyInstanceUID, SeriesInstanceUID])
  return controller
}

function ViewerScreen(props: StackViewerProps & { readonly controller: StackController }) {
  const { controller, onIndexChange, keyImages, onKeyImage, autoFocus } = props
  const { t } = useTranslation('viewer')
  const snapshot = useSyncExternalStore(controller.subscribe, controller.snapshot)
  // On a touch screen a drag scrolls; a mouse has a wheel for that.
  const [tool, setTool] = useState<DragTool>(() => (matchMedia('(pointer: coarse)').matches ? 'scroll' : 'window'))
  const currentTool = useRef(tool)
  useEffect(() => {
    currentTool.current = tool
  }, [tool])
  const viewer = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { stack, frame, index } = snapshot
  const SOPInstanceUID = frame?.SOPInstanceUID
  const hasImages = stack === null || stack.frames.length > 0

  useEffect(() => {
    if (!hasImages || !canvas.current || !stage.current) return
    const detach = controller.attach(canvas.current)
    const stopListening = listenToGestures(stage.current, controller, () => currentTool.current)
    return () => {
      stopListening()
      detach()
    }
  }, [controller, hasImages])
  useEffect(() => {
    if (autoFocus) viewer.current?.focus()
  }, [autoFocus])
  useEffect(() => {
    if (SOPInstanceUID) onIndexChange?.(index, SOPInstanceUID)
  }, [index, SOPInstanceUID, onIndexChange])

  const mark =
    frame && onKeyImage
      ? {
          marked: keyImages?.has(frame.SOPInstanceUID) ?? false,
          toggle: () => onKeyImage({ SOPInstanceUID: frame.SOPInstanceUID, frame: frame.frame }),
        }
      : undefined
  return (
    <div
      ref={viewer}
      className={styles.viewer}
      role="group"
      aria-label={t('label')}
      tabIndex={0}
      onKeyDown={(event) => {
        // Buttons and lists handle these keys themselves.
        if (
          event.target instanceof HTMLElement &&
          event.target.closest('button, select, a, input') &&
          (event.key === ' ' || event.key === 'Enter' || event.target.tagName === 'SELECT')
        )
          return
        if (actOnKey(event, controller)) event.preventDefault()
      }}
    >
      {hasImages && (
        <ViewerToolbar controller={controller} snapshot={snapshot} tool={tool} onTool={setTool} keyImage={mark} />
      )}
      {hasImages && (
        <div ref={stage} className={styles.stage} onPointerDown={() => viewer.current?.focus({ preventScroll: true })}>
          <canvas ref={canvas} className={styles.canvas} role="img" aria-label={imageLabel(snapshot, t)} />
          <ViewerOverlay snapshot={snapshot} />
          <StageMessage snapshot={snapshot} address={props} onRetry={() => controller.retry()} />
        </div>
      )}
      {stack && stack.documents.length > 0 && <SeriesDocuments documents={stack.documents} address={props} />}
      {stack && !hasImages && stack.documents.length === 0 && <EmptyState title={t('noImages')} />}
    </div>
  )
}

function SeriesDocuments({
  documents,
  address,
}: {
  readonly documents: SeriesStack['documents']
  readonly address: SeriesAddress
}) {
  const { t } = useTranslation('viewer')
  return (
    <div className={styles.documents} tabIndex={0} role="group" aria-label={t('report.title')}>
      {documents.map(({ SOPInstanceUID }) => (
        <InstanceContent
          key={SOPInstanceUID}
          address={address}
          SOPInstanceUID={SOPInstanceUID}
          label={t('report.title')}
        />
      ))}
    </div>
  )
}

type ViewerText = ReturnType<typeof useTranslation<'viewer'>>['t']

function imageLabel(snapshot: ViewerSnapshot, t: ViewerText): string {
  const { stack, frame, index } = snapshot
  if (!stack || !frame) return t('loading')
  const position = { index: index + 1, total: stack.frames.length }
  return frame.frames > 1
    ? t('imageFrame', { ...position, frame: frame.frame, frames: frame.frames })
    : t('image', position)
}

function StageMessage({
  snapshot,
  address,
  onRetry,
}: {
  readonly snapshot: ViewerSnapshot
  readonly address: SeriesAddress
  readonly onRetry: () => void
}) {
  // A video may be large, so it is fetched only on request.
  const [requestedVideo, requestVideo] = useState<string | null>(null)
  const { t } = useTranslation(['viewer', 'common'])
  const code = snapshot.code ?? snapshot.frameCode
  const SOPInstanceUID = snapshot.frame?.SOPInstanceUID
  if (code === 'video' && SOPInstanceUID) {
    return (
      <div className={styles.message} onPointerDown={(event) => event.stopPropagation()}>
        {requestedVideo === SOPInstanceUID ? (
          <InstanceContent address={address} SOPInstanceUID={SOPInstanceUID} label={t('video')} />
        ) : (
          <ErrorMessage
            code={code}
            action={
              <button type="button" className={styles.action} onClick={() => requestVideo(SOPInstanceUID)}>
                {t('prepareVideo')}
              </button>
            }
          />
        )}
      </div>
    )
  }
  if (code) {
    const canRetry = code === 'offline' || code === 'decode-timeout' || snapshot.code
    return (
      <div className={styles.message} onPointerDown={(event) => event.stopPropagation()}>
        <ErrorMessage
          code={code}
          action={
            canRetry && (
              <button type="button" className={styles.action} onClick={onRetry}>
                {t('tryAgain', { ns: 'common' })}
              </button>
            )
          }
        />
      </div>
    )
  }
  if (!snapshot.stack)
    return (
      <p role="status" className={styles.status}>
        {t('loading')}
      </p>
    )
  if (snapshot.frameState === 'loading')
    return <p className={styles.status}>{t('loadingImage', { index: snapshot.index + 1 })}</p>
  return null
}
