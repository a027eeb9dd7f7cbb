import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isParsableShape, MAX_JSON_DEPTH, MAX_JSON_VALUES } from './json-shape.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('JSON from outside, before it is parsed', () => {
  it('X12: brackets nested deeper than any request are refused, up to that depth they are not', () => {
    expect([nested(MAX_JSON_DEPTH), nested(MAX_JSON_DEPTH + 1)].map((text) => isParsableShape(bytes(text)))).toEqual([
      true,
      false,
    ])
    expect(isParsableShape(bytes('{"a":'.repeat(MAX_JSON_DEPTH + 1)))).toBe(false)
  })

  it('X12: more values than any request has are refused, although they lie flat', () => {
    const flat = (count: number): Uint8Array => bytes(`[${'0,'.repeat(count - 1)}0]`)
    expect([isParsableShape(flat(MAX_JSON_VALUES - 1)), isParsableShape(flat(MAX_JSON_VALUES))]).toEqual([true, false])
    expect(isParsableShape(bytes('[]'.repeat(MAX_JSON_VALUES)))).toBe(false)
  })

  it('X12: brackets, commas and quotes inside of strings count for nothing', () => {
    const text = JSON.stringify(['['.repeat(1000), '\\"[{,'.repeat(1000), '\\'])
    expect(isParsableShape(bytes(text))).toBe(true)
  })

  it('X12: whatever JSON.stringify writes of a shallow value passes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => isParsableShape(bytes(JSON.stringify(value)))),
      { seed: 9, numRuns: 300 },
    )
  })
})
