/** Reads the query parameters of rendered resources (PS3.18 8.3.5). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RenderRequest } from '../imaging.ts'

type Rendering = Pick<RenderRequest, 'voi' | 'viewport' | 'quality'>

const FUNCTIONS = { linear: 'LINEAR', 'linear-exact': 'LINEAR_EXACT', sigmoid: 'SIGMOID' } as const

/**
 * Reads window=center,width,function, viewport=width,height and quality=1…100.
 * @error bad-request
 */
export function renderingOf(query: URLSearchParams): Rendering {
  const window = query.get('window')
  const viewport = query.get('viewport')
  const quality = query.get('quality')
  return {
    ...(window !== null && { voi: windowOf(window) }),
    ...(viewport !== null && { viewport: viewportOf(viewport) }),
    ...(quality !== null && { quality: wholeNumber(quality, 'quality', 100) }),
  }
}

function windowOf(value: string): NonNullable<RenderRequest['voi']> {
  const [center, width, name = 'linear', ...more] = value.split(',').map((part) => part.trim())
  const voiFunction = FUNCTIONS[name.toLowerCase().replace('_', '-') as keyof typeof FUNCTIONS]
  if (
    !center ||
    !width ||
    more.length > 0 ||
    !voiFunction ||
    !Number.isFinite(Number(center)) ||
    !Number.isFinite(Number(width))
  )
    throw new OutpostError('bad-request', { parameter: 'window' })
  return { center: Number(center), width: Number(width), function: voiFunction }
}

/**
 * Reads a box for the whole picture. A viewport with four more numbers, which selects a part of it, is not supported.
 */
function viewportOf(value: string): { width: number; height: number } {
  const [width = '', height = '', ...more] = value.split(',').map((part) => part.trim())
  if (more.length > 0) throw new OutpostError('bad-request', { parameter: 'viewport' })
  return { width: wholeNumber(width, 'viewport', 8192), height: wholeNumber(height, 'viewport', 8192) }
}

function wholeNumber(value: string, parameter: string, most: number): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < 1 || number > most) throw new OutpostError('bad-request', { parameter })
  return number
}
