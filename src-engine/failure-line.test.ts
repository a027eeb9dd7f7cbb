import { describe, expect, it } from 'vitest'
import { failureLine } from './failure-line.ts'

describe('the log of failures', () => {
  it('W10: tells kind, code and place, and never the message', () => {
    const error = Object.assign(new TypeError('DOE^JANE at /s/secret-token'), { code: '23505' })
    error.stack =
      'TypeError: DOE^JANE at /s/secret-token\n    at store (file:///somewhere/src-relay/shares/confirm.ts:12:34)\n' +
      '    at elsewhere (node:internal:1:1)'
    expect(failureLine('api confirm', error)).toBe('api confirm TypeError 23505 src-relay/shares/confirm.ts:12:34')
    expect(failureLine('api confirm', 'DOE^JANE')).toBe('api confirm: string')
  })
})
