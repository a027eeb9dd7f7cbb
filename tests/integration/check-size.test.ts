/**
 * Tests how `npm run check` counts lines, functions, files and JSON.parse, and compares the counts with their limits.
 */
import { expect, it } from 'vitest'
import { compareWithLimits, countSizes, LIMITS } from '../../scripts/check-size.mjs'

const file = (path: string, ...lines: string[]) => ({ path, text: `${lines.join('\n')}\n` })
const counted = (sizes: ReturnType<typeof countSizes>) =>
  Object.fromEntries(Object.entries(sizes).map(([name, { count }]) => [name, count]))

it('counts long lines everywhere, and the rest in the programs without their tests', () => {
  const sizes = countSizes(
    [
      file('src-core/a.ts', 'const a = JSON.parse(b)', '', ''),
      file('src-main/b.ts', 'JSON.parse(JSON.parse(c))', 'é'.repeat(120)),
      file('src-ui/c.tsx', 'x'.repeat(121)),
      file('src-main/b.test.ts', 'JSON.parse(d)', ...Array.from({ length: 900 }, () => '')),
      file('tests/support/e.ts', 'y'.repeat(121)),
    ],
    ['src-main/b.ts:1'],
  )
  expect(counted(sizes)).toEqual({
    'lines over 120 columns': 2,
    'functions over 80 lines': 1,
    'lines of the median file': 2,
    'lines of the largest file': 3,
    'JSON.parse in src-core': 1,
    'JSON.parse in src-engine': 0,
    'JSON.parse in src-main': 2,
    'JSON.parse in src-relay': 0,
    'JSON.parse in the pages': 0,
  })
  expect(sizes['lines over 120 columns'].where).toBe('src-ui/c.tsx:1 tests/support/e.ts:1')
})

it('a count over its limit fails and says where; one below asks for a lower limit', () => {
  const sizes = { a: { count: 3, where: 'src-core/a.ts:7' } }
  expect(compareWithLimits(sizes, { a: { limit: 2, target: 0 } })).toEqual({
    lines: ['a: 3, and the limit is 2\n  src-core/a.ts:7'],
    ok: false,
  })
  expect(compareWithLimits(sizes, { a: { limit: 3, target: 0 } })).toEqual({
    lines: ['a: 3, limit 3, target 0'],
    ok: true,
  })
  expect(compareWithLimits(sizes, { a: { limit: 5, target: 4 } }).lines).toEqual([
    'a: 3, limit 5, target 4; lower the limit to 4',
  ])
})

it('no limit stands below its target', () => {
  for (const { limit, target } of Object.values(LIMITS)) expect(limit).toBeGreaterThanOrEqual(target)
})
