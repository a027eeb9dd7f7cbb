/**
 * The state of one viewer, outside React: what is looked at, how, and the canvas that shows it. Nothing here is shared
 * between viewers.
 */
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import {
  fetchMetadata,
  fetchPicture,
  fetchStoredFrame,
  isShownHere,
  type LoadedFrame,
  type SeriesAddress,
} from './dicomweb-frames.ts'
import { FrameCache } from './frame-cache.ts'
import type { LookupTable } from '../../src-core/dicom/pixels/lookup-table.ts'
import type { VoiWindow } from './gray-table.ts'
import { fullWindow, paintFrame } from './paint-frame.ts'
import { presetsFor, type PresetName } from './presets.ts'
import { stackOf, type SeriesStack, type StackFrame } from './series-stack.ts'
import {
  displaySize,
  edgeLetters,
  fitScale,
  FITTED,
  mirroredOnScreen,
  panned,
  scaleBar,
  transformOf,
  turned,
  zoomed,
  type EdgeLetters,
  type Size,
  type Viewport,
} from './viewport.ts'

/** What the frame looked at is: loaded values, the small picture before them, on its way, or why not. */
export type FrameState = 'stored' | 'picture' | 'preview' | 'loading' | 'failed'

/** A projection for the screen; a new object for every change. */
export interface ViewerSnapshot {
  readonly stack: SeriesStack | null
  readonly code: ErrorCode | null
  readonly index: number
  readonly frame: StackFrame | null
  readonly frameState: FrameState
  readonly frameCode: ErrorCode | null
  readonly window: VoiWindow | null
  readonly preset: PresetName | null
  readonly inverted: boolean
  readonly playing: boolean
  readonly zoom: number
  readonly letters: EdgeLetters | null
  readonly scale: { mm: number; pixels: number } | null
}

const PREVIEW_SIZE = 512
/** Below this a small picture first would not be quicker. */
const PREVIEW_FROM_BYTES = 96 * 1024
const DEFAULT_FRAME_MS = 66

export interface ControllerOptions extends SeriesAddress {
  readonly initialIndex: number
  readonly limitBytes: number
}

export class StackController {
  readonly #options: ControllerOptions
  readonly #listeners = new Set<() => void>()
  readonly #life = new AbortController()
  readonly #picture = document.createElement('canvas')
  #canvas: HTMLCanvasElement | null = null
  #area: Size = { width: 0, height: 0 }
  #stack: SeriesStack | null = null
  #cache: FrameCache | null = null
  #code: ErrorCode | null = null
  #index: number
  #paintFailure: ErrorCode | null = null
  #viewport: Viewport = FITTED
  #chosenWindow: VoiWindow | null = null
  #preset: PresetName | null = 'default'
  #inverted = false
  #playing = false
  #direction: 1 | -1 = 1
  #painted = ''
  #drawQueued = 0
  #cineTimer = 0
  #snapshot: ViewerSnapshot

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#index = options.initialIndex
    this.#snapshot = this.#project()
    void this.#load()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly snapshot = (): ViewerSnapshot => this.#snapshot

  /** Takes a canvas and keeps its size that of its box. Returns how to let go of it. */
  attach(canvas: HTMLCanvasElement): () => void {
    this.#canvas = canvas
    const measure = () => {
      const box = canvas.parentElement!.getBoundingClientRect()
      this.#area = { width: box.width, height: box.height }
      canvas.width = Math.max(1, Math.round(box.width * devicePixelRatio))
      canvas.height = Math.max(1, Math.round(box.height * devicePixelRatio))
      this.#draw()
      this.#tell()
    }
    const observer = new ResizeObserver(measure)
    observer.observe(canvas.parentElement!)
    measure()
    return () => {
      observer.disconnect()
      this.#canvas = null
    }
  }

  close(): void {
    this.#life.abort()
    this.#cache?.close()
    clearTimeout(this.#cineTimer)
    cancelAnimationFrame(this.#drawQueued)
    this.#listeners.clear()
  }

  retry(): void {
    if (this.#stack && this.#cache) this.#cache.retry(this.#index)
    else void this.#load()
    this.#changed()
  }

  scrollTo(index: number): void {
    const count = this.#stack?.frames.length ?? 0
    const next = Math.min(Math.max(index, 0), count - 1)
    if (count === 0 || next === this.#index) return
    this.#direction = next > this.#index ? 1 : -1
    this.#index = next
    this.#paintFailure = null
    this.#cache?.want(next, this.#direction)
    this.#changed()
  }

  scrollBy(steps: number): void {
    this.scrollTo(this.#index + steps)
  }

  zoomBy(factor: number, at?: { x: number; y: number }): void {
    this.#view(zoomed(this.#viewport, factor, at))
  }

  panBy(dx: number, dy: number): void {
    this.#view(panned(this.#viewport, dx, dy))
  }

  turn(): void {
    this.#view(turned(this.#viewport))
  }

  mirror(): void {
    this.#view(mirroredOnScreen(this.#viewport))
  }

  invert(): void {
    this.#inverted = !this.#inverted
    this.#changed()
  }

  reset(): void {
    this.#viewport = FITTED
    this.#chosenWindow = null
    this.#preset = 'default'
    this.#inverted = false
    this.#changed()
  }

  /** By its number, from 1; numbers without a preset do nothing. */
  choosePreset(number: number): void {
    const preset = presetsFor(this.#stack?.Modality ?? '')[number - 1]
    if (!preset) return
    this.#preset = preset.name
    this.#chosenWindow = preset.window
    this.#changed()
  }

  /**
   * Changes width and center by a drag of so many pixels; steps follow the width, so that narrow windows can be set
   * finely.
   */
  dragWindow(dx: number, dy: number): void {
    const window = this.#window()
    if (!window) return
    const step = Math.max(window.width, 10) / 300
    const width = Math.max(window.function === 'LINEAR' ? 1 : 0.001, window.width + dx * step)
    this.#chosenWindow = { ...window, width, center: window.center + dy * step }
    this.#preset = null
    this.#changed()
  }

  togglePlay(): void {
    this.#playing = !this.#playing && (this.#stack?.frames.length ?? 0) > 1
    clearTimeout(this.#cineTimer)
    if (this.#playing) this.#advance()
    this.#changed()
  }

  async #load(): Promise<void> {
    try {
      const stack = stackOf(await fetchMetadata(this.#options, this.#life.signal))
      this.#stack = stack
      this.#code = null
      this.#index = Math.min(Math.max(this.#index, 0), Math.max(0, stack.frames.length - 1))
      if (stack.frames.length) this.#startCache(stack)
    } catch (error) {
      if (this.#life.signal.aborted) return
      this.#code = codeOf(error)
    }
    this.#changed()
  }

  #startCache(stack: SeriesStack): void {
    const bytesOf = (index: number) => {
      const frame = stack.frames[index]!
      return (
        frame.Rows *
        frame.Columns *
        (frame.renderedOnly ? 4 : frame.SamplesPerPixel * Math.max(1, frame.BitsAllocated / 8))
      )
    }
    const quick =
      bytesOf(this.#index) < PREVIEW_FROM_BYTES ||
      stack.frames[this.#index]!.renderedOnly ||
      stack.frames[this.#index]!.code
    this.#cache = new FrameCache({
      count: stack.frames.length,
      bytesOf,
      load: (index, signal) => this.#fetchFrame(stack.frames[index]!, signal),
      preview: quick
        ? null
        : (index, signal) => fetchPicture(this.#options, stack.frames[index]!, signal, PREVIEW_SIZE),
      arrived: (index) => {
        if (index === this.#index) this.#changed()
      },
      limitBytes: this.#options.limitBytes,
      parallel: 3,
    })
    this.#cache.want(this.#index)
  }

  async #fetchFrame(frame: StackFrame, signal: AbortSignal): Promise<LoadedFrame> {
    if (frame.code) throw new OutpostError(frame.code)
    if (frame.renderedOnly) return fetchPicture(this.#options, frame, signal)
    const loaded = await fetchStoredFrame(this.#options, frame, signal)
    return loaded.kind !== 'stored' || isShownHere(loaded.frame.PhotometricInterpretation)
      ? loaded
      : fetchPicture(this.#options, frame, signal)
  }

  #advance(): void {
    const { frames } = this.#stack!
    const next = (this.#index + 1) % frames.length
    // A frame still on its way is waited for: cine never skips what nobody has seen.
    if (this.#cache!.has(next)) {
      this.#index = next
      this.#paintFailure = null
      this.#cache!.want(next)
      this.#changed()
    }
    const wait = Math.min(2000, Math.max(16, frames[this.#index]?.frameTimeMs ?? DEFAULT_FRAME_MS))
    this.#cineTimer = window.setTimeout(() => {
      if (this.#playing) this.#advance()
    }, wait)
  }

  #frame(): StackFrame | null {
    return this.#stack?.frames[this.#index] ?? null
  }

  /** The window in force for grey values at hand; null where there are none to set. */
  #window(): VoiWindow | null {
    const loaded = this.#cache?.get(this.#index)
    const frame = this.#frame()
    if (
      !frame ||
      loaded?.kind !== 'stored' ||
      loaded.frame.SamplesPerPixel !== 1 ||
      loaded.frame.PhotometricInterpretation === 'PALETTE COLOR'
    )
      return null
    if (this.#chosenWindow) return this.#chosenWindow
    const table = this.#voiTable()
    // What the table takes in, so that a drag begins where the reader is.
    if (table)
      return {
        center: table.firstValueMapped + table.entries.length / 2,
        width: table.entries.length,
        function: 'LINEAR',
      }
    return (this.#preset === 'full' ? undefined : frame.windows[0]) ?? fullWindow(loaded.frame)
  }

  /** The file's VOI LUT, until the reader sets a window. */
  #voiTable(): LookupTable | null {
    return this.#chosenWindow || this.#preset !== 'default' ? null : (this.#frame()?.voiTable ?? null)
  }

  #view(viewport: Viewport): void {
    this.#viewport = viewport
    this.#changed()
  }

  #changed(): void {
    if (!this.#drawQueued) this.#drawQueued = requestAnimationFrame(() => this.#draw())
    this.#tell()
  }

  #tell(): void {
    this.#snapshot = this.#project()
    for (const listener of this.#listeners) listener()
  }

  #project(): ViewerSnapshot {
    const frame = this.#frame()
    const loaded = this.#cache?.get(this.#index)
    const frameCode = frame?.code ?? this.#cache?.failure(this.#index) ?? this.#paintFailure
    const frameState: FrameState = frameCode
      ? 'failed'
      : !loaded
        ? 'loading'
        : loaded.kind === 'stored'
          ? 'stored'
          : loaded.preview
            ? 'preview'
            : 'picture'
    const mmPerPixel =
      frame?.columnSpacingMm && this.#area.width
        ? frame.columnSpacingMm /
          (fitScale(displaySize(frame), this.#area, this.#viewport.quarterTurns) * this.#viewport.zoom)
        : null
    return {
      stack: this.#stack,
      code: this.#code,
      index: this.#index,
      frame,
      frameState,
      frameCode: frameCode ?? null,
      window: this.#window(),
      preset: this.#preset,
      inverted: this.#inverted,
      playing: this.#playing,
      zoom: this.#viewport.zoom,
      letters: frame && edgeLetters(frame.ImageOrientationPatient, frame.PatientOrientation, this.#viewport),
      scale: mmPerPixel ? scaleBar(mmPerPixel, this.#area.width) : null,
    }
  }

  #draw(): void {
    this.#drawQueued = 0
    const context = this.#canvas?.getContext('2d')
    if (!context || !this.#canvas) return
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#000'
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height)
    const frame = this.#frame()
    const loaded = this.#cache?.get(this.#index)
    if (!frame || frame.code || !loaded || !this.#area.width) return
    context.setTransform(...transformOf(this.#viewport, frame, this.#area, devicePixelRatio))
    // Enlarged pixels stay pixels from 4 on, so that nobody takes smoothing for anatomy.
    context.imageSmoothingEnabled = this.#viewport.zoom < 4
    context.imageSmoothingQuality = 'high'
    if (loaded.kind === 'picture') {
      context.filter = this.#inverted ? 'invert(1)' : 'none'
      context.drawImage(loaded.bitmap, 0, 0, frame.Columns, frame.Rows)
      context.filter = 'none'
    } else if (this.#paint(loaded)) context.drawImage(this.#picture, 0, 0)
  }

  /** Fills the hidden canvas with the frame unless it already shows it. */
  #paint(loaded: LoadedFrame & { kind: 'stored' }): boolean {
    const window = this.#window() ?? { center: 128, width: 256, function: 'LINEAR' as const }
    const voiTable = this.#voiTable()
    const key = [
      this.#index,
      voiTable ? 'table' : 'window',
      window.center,
      window.width,
      window.function,
      this.#inverted,
    ].join(' ')
    const { Rows, Columns } = loaded.frame
    const before = this.#paintFailure
    if (key !== this.#painted) {
      try {
        if (this.#picture.width !== Columns || this.#picture.height !== Rows)
          Object.assign(this.#picture, { width: Columns, height: Rows })
        const context = this.#picture.getContext('2d')!
        const image = context.createImageData(Columns, Rows)
        paintFrame(loaded.frame, { window, voiTable, inverted: this.#inverted }, image.data)
        context.putImageData(image, 0, 0)
        this.#painted = key
        this.#paintFailure = null
      } catch (error) {
        this.#painted = ''
        this.#paintFailure = codeOf(error) === 'internal' ? 'decode-failed' : codeOf(error)
      }
      if (before !== this.#paintFailure) this.#tell()
    }
    return this.#painted === key
  }
}
