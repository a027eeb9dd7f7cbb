import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { OutpostError } from './contract/errors.ts'
import { parseJson, tryParseJson } from './parse-json.ts'

const Row = z.object({ name: z.string(), urgent: z.boolean().default(false), parts: z.array(z.string()).default([]) })

function failureOf(text: string): OutpostError {
  try {
    parseJson(text, Row, 'ledger-damaged')
  } catch (error) {
    return error as OutpostError
  }
  throw new Error('it was read')
}

describe('parseJson', () => {
  it('W14: what an earlier version did not write yet has the default of the schema', () => {
    expect(parseJson('{"name":"a"}', Row, 'ledger-damaged')).toEqual({ name: 'a', urgent: false, parts: [] })
  })

  it('W10: a text that is not JSON, or of another shape, fails by its code and never quotes what it holds', () => {
    for (const text of ['DOE^Jane', '{"name":"DOE^Jane"', '{"name":["DOE^Jane"]}', '"DOE^Jane"', '']) {
      const error = failureOf(text)
      expect(error).toBeInstanceOf(OutpostError)
      expect(error.code).toBe('ledger-damaged')
      expect(JSON.stringify([error.message, error.detail, error.stack, error.cause])).not.toContain('DOE')
    }
    expect(failureOf('{"name":"a","parts":["b",1]}').detail).toEqual({ at: 'parts.1' })
  })

  it('W14: no text whatever gets past the schema', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const value = tryParseJson(text, Row)
        expect(value === undefined || Row.safeParse(value).success).toBe(true)
      }),
      { seed: 20_261_127, numRuns: 300 },
    )
  })
})
