/** Makes requests that no correct client sends, from the contracts and the routes, so that no route can be missed. */
import { z } from 'zod'

/** A procedure of a contract: its path and the schema of its input. */
export interface ProcedureAddress {
  readonly path: string
  readonly input: z.ZodType | null
}

interface ContractNode {
  readonly '~orpc'?: { readonly inputSchema?: z.ZodType }
}

/** Returns every procedure below a prefix. */
export function proceduresOf(contract: object, prefix: string): ProcedureAddress[] {
  const definition = (contract as ContractNode)['~orpc']
  if (definition !== undefined) return [{ path: prefix, input: definition.inputSchema ?? null }]
  return Object.entries(contract).flatMap(([name, part]) => proceduresOf(part as object, `${prefix}/${name}`))
}

export interface RouteAddress {
  readonly method: string
  readonly path: string
}

/** Returns one request for each route that is neither a procedure nor middleware; parameters get a plausible value. */
export function addressesOf(routes: readonly RouteAddress[], fill: string): RouteAddress[] {
  const seenPaths = new Set<string>()
  return routes
    .filter(({ path }) => !/\/(api|rpc)\/\*$/.test(path))
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : [method]).map((verb) => ({
        method: verb,
        path: path.replaceAll(/:\w+(\{[^}]*\})?|\*/g, fill),
      })),
    )
    .filter(({ method, path }) => !seenPaths.has(`${method} ${path}`) && seenPaths.add(`${method} ${path}`))
}

export interface CountedBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  /** The number of bytes that the reader has requested. */
  bytesTaken(): number
}

/** Returns a body of this many bytes that is produced only while it is read. */
export function countedBody(size: number, byte = 0x20): CountedBody {
  const piece = new Uint8Array(64 * 1024).fill(byte)
  let bytesTaken = 0
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (bytesTaken >= size) return controller.close()
        const next = piece.subarray(0, Math.min(piece.length, size - bytesTaken))
        bytesTaken += next.length
        controller.enqueue(next)
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, bytesTaken: () => bytesTaken }
}

/** For a schema without a limit, the test uses a string of twice this length. */
const LENGTH_WITHOUT_LIMIT = 100_000

interface Definition {
  readonly type: string
  readonly shape?: Record<string, z.ZodType>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly entries?: Record<string, string>
  readonly values?: readonly unknown[]
  readonly in?: z.ZodType
}
const definitionOf = (schema: z.ZodType): Definition => (schema as unknown as { _zod: { def: Definition } })._zod.def

/** Returns a value of about the right shape. Its strings are empty, because their lengths are tested one at a time. */
function sampleOf(schema: z.ZodType): unknown {
  const { type, shape, element, innerType, options, entries, values, in: input } = definitionOf(schema)
  if (type === 'object')
    return Object.fromEntries(Object.entries(shape ?? {}).map(([key, part]) => [key, sampleOf(part)]))
  if (type === 'array') return element === undefined ? [] : [sampleOf(element)]
  if (type === 'number') return 1
  if (type === 'boolean') return true
  if (type === 'enum') return Object.values(entries ?? {})[0]
  if (type === 'literal') return values?.[0]
  if (type === 'union') return options?.[0] === undefined ? null : sampleOf(options[0])
  if (type === 'pipe') return input === undefined ? null : sampleOf(input)
  return innerType === undefined ? '' : sampleOf(innerType)
}

export interface LongString {
  /** The path of the string in the input, for the name of the test. */
  readonly field: string
  readonly value: unknown
}

/** Returns the sample once for each of its strings, with that string at twice its limit. */
export function longStrings(schema: z.ZodType, field = ''): LongString[] {
  const { type, shape, element, innerType, options, in: input } = definitionOf(schema)
  if (type === 'string') {
    const limit = (schema as z.ZodString).maxLength ?? LENGTH_WITHOUT_LIMIT
    return [{ field, value: 'a'.repeat(2 * limit) }]
  }
  if (type === 'object') {
    const sample = sampleOf(schema) as Record<string, unknown>
    return Object.entries(shape ?? {}).flatMap(([key, part]) =>
      longStrings(part, `${field}.${key}`).map((found) => ({ ...found, value: { ...sample, [key]: found.value } })),
    )
  }
  if (type === 'array') return longStrings(element!, `${field}[]`).map((found) => ({ ...found, value: [found.value] }))
  if (type === 'union') return (options ?? []).flatMap((option, at) => longStrings(option, `${field}|${at}`))
  const inner = input ?? innerType
  return inner === undefined ? [] : longStrings(inner, field)
}

/** Returns the code in an answer of a procedure or of another route; null when there is none. */
export async function codeOfAnswer(response: Response): Promise<string | null> {
  const text = await response.text()
  try {
    const body = JSON.parse(text) as { code?: string; json?: { code?: string } }
    return body.json?.code ?? body.code ?? null
  } catch {
    return null
  }
}
