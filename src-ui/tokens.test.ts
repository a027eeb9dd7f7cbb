import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(resolve(import.meta.dirname, 'tokens.css'), 'utf8')
const colorsOf = (selector: string) =>
  Object.fromEntries(
    [
      ...css
        .slice(css.indexOf(`${selector} {`))
        .split('}')[0]!
        .matchAll(/(--op-[a-z-]+): (#[0-9a-f]{6})/g),
    ].map((match) => [match[1]!, match[2]!]),
  )
const schemes = { dark: colorsOf(':root'), light: colorsOf(":root[data-mantine-color-scheme='light']") }

/** WCAG 2.2 relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
const contrast = (first: string, second: string) => {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

describe.each(Object.entries(schemes))('W12: the %s scheme', (_, tokens) => {
  const grounds = ['--op-surface', '--op-raised'].map((name) => tokens[name]!)
  it.each([
    ['--op-text', 7],
    ['--op-dimmed', 7],
    ['--op-patient', 7],
    ['--op-accent-text', 4.5],
    ['--op-good', 4.5],
    ['--op-warning', 4.5],
    ['--op-bad', 4.5],
    ['--op-control-line', 3],
  ] as const)('shows %s at %s : 1 at least', (name, least) => {
    for (const ground of grounds) expect(contrast(tokens[name]!, ground)).toBeGreaterThanOrEqual(least)
  })
  it('shows text on filled buttons at 4.5 : 1', () => {
    for (const fill of ['--op-accent', '--op-accent-hover', '--op-bad-fill'])
      expect(contrast(tokens['--op-on-accent']!, tokens[fill]!)).toBeGreaterThanOrEqual(4.5)
  })
})
it('knows that black on white is 21 : 1', () => expect(contrast('#000000', '#ffffff')).toBeCloseTo(21))
