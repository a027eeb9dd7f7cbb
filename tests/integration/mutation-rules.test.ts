import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findCode, replaceCode } from '../../scripts/find-code.mjs'
import { rules } from '../../scripts/mutation-rules.mjs'
import { root } from '../support/programs.ts'

/**
 * Returns rules whose code is not in its file exactly once, or whose file does not parse with the rule switched off.
 */
function lost(folder: string): string[] {
  return rules.flatMap(({ requirement, file, find, replace }) => {
    try {
      replaceCode(file, readFileSync(join(folder, file), 'utf8'), find, replace)
      return []
    } catch (error) {
      return `${requirement}: ${(error as Error).message}`
    }
  })
}

/** Copies the files of all rules in a format that the project's formatter would not produce. */
function formattedOtherwise(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outpost-format-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const file of new Set(rules.map((rule) => rule.file))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), readFileSync(join(root, file)))
  }
  const javascript = { formatter: { quoteStyle: 'double', semicolons: 'always', trailingCommas: 'none' } }
  const formatter = { indentStyle: 'tab', lineWidth: 50 }
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ formatter, javascript }))
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const run = spawnSync(process.execPath, [biome, 'format', '--write', '.'], { cwd: folder, encoding: 'utf8' })
  expect(run.status, run.stderr).toBe(0)
  return folder
}

describe('the rules that are switched off to see a test turn red', () => {
  it('find their code exactly once, and leave a file that parses', () => {
    expect(lost(root)).toEqual([])
  })

  it('find it in the same sources under another formatter', () => {
    const folder = formattedOtherwise()
    for (const { file } of rules)
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toBe(readFileSync(join(root, file), 'utf8'))
    expect(lost(folder)).toEqual([])
  })

  const count = (source: string, find: string | { text: string }) => findCode('x.tsx', source, find).length

  it.each([
    ['an expression in parentheses', 'const a = ((b) && (c))', 'b && c', 1],
    ['a part of a longer chain', 'const a = b && c && d', 'b && c', 1],
    ['not the end of a chain', 'const a = b && c && d', 'c && d', 0],
    ['both of two', 'f(a < 1); g(a < 1)', 'a < 1', 2],
    ['not its like', 'f(a <= 1); f(a < 2); f(b < 1)', 'a < 1', 0],
    ['a statement over lines', 'if (a)\n  throw new E("x",)', "if (a) throw new E('x')", 1],
    ['a property with its key in quotes', 'f({ "a": [1,\n2,], b })', 'a: [1, 2]', 1],
    ['a shorthand property once', 'f({ b })', 'b', 1],
    ['a case', "() => { switch (a) { case 'b': return 1; default: } }", 'case "b": return 1', 1],
    ['a method', 'class C { async f() { return 1 } }', 'async f() { return 1 }', 1],
    ['an attribute', '<B onClick={() => {\n go()\n }} c />', 'onClick={() => { go() }}', 1],
    ['a private name', 'class C { #a; f() { return this.#a(1) } }', 'this.#a(1)', 1],
    ['any expression', 'f(a, { b: 1 }); f(a); g(a, 1)', 'f(a, $rest)', 1],
    ['not a comment nor a string', "// a < 1\nf('a < 1')", 'a < 1', 0],
    ['no other regular expression', 'f(/a/g, /a/u, /b/u)', '/a/u', 1],
    ['text in a template', 'f(`ORDER\n  BY a`, ORDER, BY)', { text: 'ORDER BY a' }, 1],
  ])('find %s', (_, source, find, expected) => {
    expect(count(source, find)).toBe(expected)
  })

  it('say when code is there twice, is gone, is no code, or leaves none', () => {
    const replace = (source: string, find: string, replacement: string) => () =>
      replaceCode('x.ts', source, find, replacement)
    expect(replace('f(a); f(a)', 'f(a)', '')).toThrow('2 times in x.ts: f(a)')
    expect(replace('f(b)', 'f(a)', '')).toThrow('0 times in x.ts: f(a)')
    expect(replace('f(a)', 'f(a', '')).toThrow('Not one expression, statement or property: f(a')
    expect(replace('f(a)', 'a', '+')).toThrow(SyntaxError)
    expect(replace('f(a, b.c(1))', 'f(a, $rest)', 'g($rest, $rest)')()).toBe('g(b.c(1), b.c(1))')
  })
})
