import { expect, it } from 'vitest'
import { DirectoryDigest } from './directory-digest.ts'

type File = readonly [name: string, size: number, mtimeMs: number]
const files: readonly File[] = [
  ['IM000001', 530_000, 1_770_000_000_000.25],
  ['IM000002', 530_000, 1_770_000_000_000.5],
  ['IM000003', 530_000, 1_770_000_000_001],
]
function digest(of: readonly File[]): number {
  const sum = new DirectoryDigest()
  for (const file of of) sum.add(...file)
  return sum.value
}
const but = (index: number, file: File): File[] => files.map((one, at) => (at === index ? file : one))

it('W1: the same files make the same digest in any order', () => {
  expect(digest([...files].reverse())).toBe(digest(files))
})

it.each<[string, readonly File[]]>([
  ['a file more', [...files, ['IM000004', 530_000, 1_770_000_000_001]]],
  ['a file less', files.slice(1)],
  ['another name', but(0, ['IM000009', 530_000, 1_770_000_000_000.25])],
  ['another size', but(0, ['IM000001', 530_001, 1_770_000_000_000.25])],
  ['a time a quarter of a millisecond later', but(0, ['IM000001', 530_000, 1_770_000_000_000.5])],
  [
    'two names changed for each other',
    [[files[1]![0], files[0]![1], files[0]![2]], [files[0]![0], files[1]![1], files[1]![2]], files[2]!],
  ],
])('W1: %s makes another', (_what, other) => {
  expect(digest(other)).not.toBe(digest(files))
})

it('W1: a hundred thousand directories have as many digests, all whole numbers that SQLite keeps', () => {
  const seen = new Set(
    Array.from({ length: 100_000 }, (_, number) =>
      digest([[`IM${number % 317}`, 500_000 + (number >> 3), 1_770_000_000_000 + number]]),
    ),
  )
  expect(seen.size).toBe(100_000)
  expect([...seen].every(Number.isSafeInteger)).toBe(true)
})
