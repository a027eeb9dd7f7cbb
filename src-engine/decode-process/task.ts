/** The tasks of a decode process, and their execution. */
import { createHash } from 'node:crypto'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import { decodedFrameBytes } from '../../src-core/dicom/pixels/description.ts'
import { frameCount } from '../../src-core/dicom/pixels/frame-count.ts'
import { pixelDataElement } from '../../src-core/dicom/pixels/read-description.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import { paintFrame, PAINTING_WORK } from '../encode/paint-frame.ts'
import type {
  DecodedFrame,
  Inspection,
  InstanceSource,
  PaintedFrame,
  PaintRequest,
  Rendered,
  RenderRequest,
} from '../imaging.ts'
import { renderFrame } from '../render/render-frame.ts'
import { openInstance, type OpenInstance } from '../decode/instance.ts'
import { reusedInstance } from './open-instances.ts'

export type Task =
  | { readonly kind: 'decode'; readonly source: InstanceSource; readonly frame: number }
  | { readonly kind: 'render'; readonly source: InstanceSource; readonly request: RenderRequest }
  | { readonly kind: 'paint'; readonly source: InstanceSource; readonly request: PaintRequest }
  | { readonly kind: 'inspect'; readonly source: InstanceSource; readonly pixels: boolean }

export type TaskResult = DecodedFrame | PaintedFrame | Rendered | Inspection

/** The message to a decode process, and below those that it sends back. */
export interface TaskMessage {
  readonly id: number
  readonly task: Task
}
export type ProcessMessage =
  | { readonly type: 'ready' }
  /** This number of bytes will be decoded next, so the allowed time grows. */
  | { readonly type: 'expect'; readonly id: number; readonly bytes: number }
  | { readonly type: 'done'; readonly id: number; readonly result: TaskResult }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly code: ErrorCode
      readonly detail: Record<string, string | number | boolean>
    }

/**
 * Executes a task.
 * @param expect called with the number of bytes of a frame before it is decoded
 */
export async function runTask(task: Task, announceBytes: (bytes: number) => void): Promise<TaskResult> {
  if (task.kind === 'inspect') return inspect(task.source, task.pixels, announceBytes)
  const instance = reusedInstance(task.source)
  announceBytes(decodedFrameBytes(instance.pixels()) * (task.kind === 'paint' ? PAINTING_WORK : 1))
  if (task.kind === 'paint') return paintFrame(instance, task.request)
  if (task.kind === 'render') return renderFrame(instance, task.request)
  return instance.decode(task.frame)
}

async function inspect(
  source: InstanceSource,
  withPixels: boolean,
  announceBytes: (bytes: number) => void,
): Promise<Inspection> {
  const instance = openInstance(source)
  const { dataset, meta, TransferSyntaxUID } = instance.file
  const cutOff = instance.file.truncated && !pixelDataElement(dataset)
  // The head of a cut-off file is described only if it states its SOP instance.
  if (cutOff && !text(dataset, 0x00080018) && !(meta && text(meta, 0x00020003))) throw new OutpostError('truncated')
  const inspection: Inspection = {
    readable: true,
    code: cutOff ? 'truncated' : null,
    TransferSyntaxUID,
    sha256: null,
    SOPClassUID: text(dataset, 0x00080016) || (meta ? text(meta, 0x00020002) : ''),
    Rows: number(dataset, 0x00280010) ?? 0,
    Columns: number(dataset, 0x00280011) ?? 0,
    NumberOfFrames: dataset.elements.has(0x00280010) ? frameCount(number(dataset, 0x00280008)) : 0,
    PhotometricInterpretation: text(dataset, 0x00280004),
  }
  if (!withPixels || cutOff) return inspection
  try {
    return { ...inspection, sha256: await hashFrames(instance, announceBytes) }
  } catch (error) {
    if (!(error instanceof OutpostError)) throw error
    // A file without pixels has no error, only no hash. Other errors concern the pixels, and the header is still
    // readable.
    return { ...inspection, code: error.code === 'no-pixel-data' ? null : error.code }
  }
}

/** The SHA-256 of the stored values of all frames, little endian, colour by pixel. */
async function hashFrames(instance: OpenInstance, announceBytes: (bytes: number) => void): Promise<string> {
  const description = instance.pixels()
  const hash = createHash('sha256')
  for (let frame = 1; frame <= description.NumberOfFrames; frame++) {
    announceBytes(decodedFrameBytes(description))
    hash.update((await instance.decode(frame)).pixels)
  }
  return hash.digest('hex')
}
