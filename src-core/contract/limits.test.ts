import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { portalContract } from './portal.ts'
import { relayContract } from './relay.ts'
import { workstationContract } from './workstation.ts'

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly [key: string]: unknown
}

/** Formats whose pattern has a fixed length. */
const FIXED = new Set(['uuid', 'date'])

/** The paths of a schema that accept a value of any length or size. */
function unbounded(schema: JsonSchema, path: string): string[] {
  const { format, enum: choices, const: constant } = schema
  const types = [schema.type].flat()
  const found: string[] = []
  const closed = choices !== undefined || constant !== undefined
  if (types.includes('string') && !closed && schema['maxLength'] === undefined && !FIXED.has(format ?? ''))
    found.push(path)
  if (types.includes('array') && schema['maxItems'] === undefined) found.push(path)
  if ((types.includes('number') || types.includes('integer')) && !closed) {
    const least = schema['minimum'] ?? schema['exclusiveMinimum']
    const most = schema['maximum'] ?? schema['exclusiveMaximum']
    if (least === undefined || most === undefined) found.push(path)
  }
  // A record can have as many keys as its names allow, so the names and the values have to be bounded.
  for (const key of ['additionalProperties', 'propertyNames', 'items'])
    if (typeof schema[key] === 'object') found.push(...unbounded(schema[key] as JsonSchema, `${path}.${key}`))
  for (const [name, each] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>))
    found.push(...unbounded(each, `${path}.${name}`))
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
    for (const each of (schema[key] ?? []) as JsonSchema[]) found.push(...unbounded(each, path))
  for (const [name, each] of Object.entries((schema['$defs'] ?? {}) as Record<string, JsonSchema>))
    found.push(...unbounded(each, `${path}.${name}`))
  return found
}

/** Input and output of every procedure, at any depth. */
function* schemas(node: object, path: string): Generator<[string, z.ZodType, 'input' | 'output']> {
  const definition = (node as { '~orpc'?: { inputSchema?: z.ZodType; outputSchema?: z.ZodType } })['~orpc']
  if (definition === undefined)
    for (const [name, each] of Object.entries(node)) yield* schemas(each as object, `${path}.${name}`)
  if (definition?.inputSchema) yield [`${path} input`, definition.inputSchema, 'input']
  if (definition?.outputSchema) yield [`${path} output`, definition.outputSchema, 'output']
}

const all = [
  ...schemas(relayContract, 'relay'),
  ...schemas(portalContract, 'portal'),
  ...schemas(workstationContract, 'workstation'),
]

describe('limits of the contracts', () => {
  it.each(all)('X1: no field without a limit: %s', (path, schema, io) => {
    expect(unbounded(z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema, path)).toEqual([])
  })

  it('X1: a field without a limit is found, wherever it stands', () => {
    const places = {
      text: z.string(),
      list: z.array(z.boolean()),
      number: z.number(),
      names: z.record(z.string(), z.boolean()),
      inner: z.object({ either: z.union([z.literal(''), z.string()]), maybe: z.string().optional().nullable() }),
      elements: z.array(z.array(z.string().max(9))).max(9),
    }
    expect(unbounded(z.toJSONSchema(z.object(places)) as JsonSchema, 's')).toEqual([
      's.text',
      's.list',
      's.number',
      's.names.propertyNames',
      's.inner.either',
      's.inner.maybe',
      's.elements.items',
    ])
    expect(all.length).toBeGreaterThan(60)
  })
})
