import { expect, it } from 'vitest'
import { headValues, type HeadValues } from './scan-head.ts'
import { SharedValues } from './shared-values.ts'

/** Values one after another; null means that the element is missing. */
function head(texts: readonly (string | null)[], TransferSyntaxUID = '1.2.840.10008.1.2.1'): HeadValues {
  const values = { ...headValues(texts.length), bytes: new TextEncoder().encode(texts.join('')), TransferSyntaxUID }
  let at = 0
  for (const [place, text] of texts.entries()) {
    values.starts[place] = text === null ? -1 : at
    values.lengths[place] = text?.length ?? 0
    at += text?.length ?? 0
  }
  return values
}

it('W1: a file that says the same of its series as the one before is recognised, whatever its own number is', () => {
  const shared = new SharedValues([0, 2])
  expect(shared.repeats(head(['Fiction^Fay', '1', 'CT']))).toBe(false)
  expect(shared.repeats(head(['Fiction^Fay', '2222', 'CT']))).toBe(true)
})

it.each([
  ['another value of the same length', head(['Fiction^Bob', '1', 'CT'])],
  ['a longer value', head(['Fiction^Fay2', '1', 'CT'])],
  ['a value moved into the next element', head(['Fiction^Fa', '1', 'yCT'])],
  ['a missing value', head(['Fiction^Fay', '1', null])],
  ['another transfer syntax', head(['Fiction^Fay', '1', 'CT'], '1.2.840.10008.1.2')],
])('W1: %s is a difference', (_what, other) => {
  const shared = new SharedValues([0, 2])
  shared.repeats(head(['Fiction^Fay', '1', 'CT']))
  expect(shared.repeats(other)).toBe(false)
  expect(shared.repeats(other)).toBe(true)
})

it('W1: an empty value is not a missing one', () => {
  const shared = new SharedValues([0])
  shared.repeats(head([null]))
  expect(shared.repeats(head(['']))).toBe(false)
})

it('W1: values too long to remember, and those after a forgetting, are new', () => {
  const shared = new SharedValues([0, 1])
  const long = head(['x'.repeat(20_000), 'CT'])
  expect([shared.repeats(long), shared.repeats(long)]).toEqual([false, false])
  const short = head(['Fay', 'CT'])
  expect([shared.repeats(short), shared.repeats(short)]).toEqual([false, true])
  shared.forget()
  expect(shared.repeats(short)).toBe(false)
})
