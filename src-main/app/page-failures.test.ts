import { expect, it } from 'vitest'
import type { LogFields } from './log.ts'
import { pageFailures } from './page-failures.ts'

it('W10, X12: a page that fails without end writes a few lines a minute, and again in the next', () => {
  const written: (LogFields | undefined)[] = []
  let at = 0
  const failed = pageFailures({ write: (_level, _what, fields) => written.push(fields) }, () => new Date(at))
  const failure = { kind: 'render', name: 'TypeError', place: 'index.js:1:2' } as const
  for (let times = 0; times < 100; times += 1) failed(failure)
  expect(written).toHaveLength(20)
  at = 60_000
  failed(failure)
  expect(written).toHaveLength(21)
  expect(written[20]).toEqual({ page: failure })
})
