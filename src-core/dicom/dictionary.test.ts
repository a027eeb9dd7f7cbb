import { expect, it } from 'vitest'
import { keywordOf, lookup, TAG, tagOf, vrOf } from './dictionary.ts'

it('PS3.6: keywords, tags and the registry beside them say the same', () => {
  const entries = Object.entries(TAG)
  expect(entries).toHaveLength(5032)
  for (const [keyword, tag] of entries) expect([tagOf(keyword), keywordOf(tag)]).toEqual([tag, keyword])
})

it('PS3.6: unregistered tags are unknown; repeating groups, private elements and lengths are recognized', () => {
  expect([tagOf('Nonsense'), tagOf('constructor'), keywordOf(0x00080007), vrOf(0x00080007)]).toEqual([
    undefined,
    undefined,
    undefined,
    'UN',
  ])
  expect(lookup(0x60023000)).toEqual({ tag: 0x60023000, keyword: 'OverlayData', vr: 'OW', vm: '1' })
  expect([vrOf(0x00090010), vrOf(0x00091001), vrOf(0x00280000), vrOf(TAG.PixelData), vrOf(TAG.PatientName)]).toEqual([
    'LO',
    'UN',
    'UL',
    'OW',
    'PN',
  ])
})
