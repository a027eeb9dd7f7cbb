/**
 * Checks that every promised requirement has a test that names it. It reads only the sources; no test is run for this.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'vite'
import { expect, it } from 'vitest'
import { root } from '../support/programs.ts'

const PROMISED = [
  'W1',
  'W2',
  'W3',
  'W6',
  'W7',
  'W9',
  'W10',
  'W13',
  'W15',
  'D1',
  'D2',
  'D3',
  'D4',
  'D5',
  'D6',
  'D7',
  'U1',
  'U2',
  'U3',
  'U5',
  'U6',
  'U7',
  'U8',
  'U9',
  'U10',
  'U11',
  'U12',
  'U13',
  'U14',
  'U16',
  'U17',
  'U19',
  'U20',
  'U21',
  'S1',
  'S2',
  'S3',
  'S4',
  'S8',
  'S9',
]

interface Node {
  readonly type: string
  readonly callee?: Node
  readonly object?: Node
  readonly tag?: Node
  readonly expression?: Node
  readonly name?: string
  readonly arguments?: Node[]
  readonly value?: unknown
  readonly quasis?: { value: { cooked: string } }[]
  readonly elements?: Node[]
}

/** Returns the name at the root of it, it.each(…) or it.skipIf(…)(…). */
function rootName(node: Node | undefined): string | undefined {
  if (node === undefined || node.type === 'Identifier') return node?.name
  return rootName(node.callee ?? node.object ?? node.tag ?? node.expression)
}

const literal = (node: Node | undefined): string =>
  node?.type === 'Literal' && typeof node.value === 'string'
    ? node.value
    : node?.type === 'TemplateLiteral'
      ? (node.quasis?.map(({ value }) => value.cooked).join('…') ?? '')
      : ''

/** Returns the titles of the tests in one source. Where a table's first cell is the title, these cells are returned. */
function titles(source: string): string[] {
  const found: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (value === null || typeof value !== 'object') return
    const node = value as Node
    if (node.type === 'CallExpression' && ['it', 'test'].includes(rootName(node.callee) ?? '')) {
      const title = literal(node.arguments?.[0])
      const rows = title.startsWith('%s') ? (node.callee?.arguments?.[0]?.elements ?? []) : []
      found.push(...(rows.length > 0 ? rows.map((row) => literal(row.elements?.[0])) : [title]))
    }
    Object.values(value).forEach(visit)
  }
  visit(parseAst(source, { lang: 'ts' }))
  return found
}

/** Returns the ids at the beginning of a title: `U11: …`, `U9, U16: …`, `U9 U16: …`. */
function idsOf(title: string): string[] {
  const start = /^([A-Z]\d{1,2}(?:[, ]+[A-Z]\d{1,2})*): \S/.exec(title)
  return start?.[1]?.split(/[, ]+/) ?? []
}

const testFiles = (): string[] =>
  readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => /^(src-.*|tests)$/.test(name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => join(root, name, file)),
    )

it('titles are found however a test is written', () => {
  const source = `
    describe('U1: a heading proves nothing', () => {
      it('U2: plain', () => {})
      it.skipIf(!here)(\`U3, U5: \${what}\`, () => {})
      it.each<[string]>([['U6: row']])('%s', () => {})
      it.each(rows)('U7 U8: %s', () => {})
      // it('U9: a remark', …)
    })`
  expect(titles(source).flatMap(idsOf)).toEqual(['U2', 'U3', 'U5', 'U6', 'U7', 'U8'])
})

it('every promised requirement has at least one test whose title begins with its id', () => {
  const proven = new Set(testFiles().flatMap((file) => titles(readFileSync(file, 'utf8')).flatMap(idsOf)))
  expect(PROMISED.filter((id) => !proven.has(id))).toEqual([])
})
