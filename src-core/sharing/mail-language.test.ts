import { describe, expect, it } from 'vitest'
import type { Language } from '../contract/identifiers.ts'
import { mailLanguage } from './mail-language.ts'

const policy = { defaultLanguage: 'de' } as const
const of = (...languages: (Language | null)[]) => languages.map((language) => ({ language }))

describe('U12: the language of the mail', () => {
  it.each<[string, (Language | null)[], Language]>([
    ['U12: more than half decide', ['en', 'nl', 'nl'], 'nl'],
    ['U12: half is not more than half: the first decides', ['fr', 'nl'], 'fr'],
    ['U12: two of four are half: the first decides', ['en', 'nl', 'nl', 'fr'], 'en'],
    ['U12: recipients without a language count as recipients', ['fr', 'nl', 'nl', null], 'fr'],
    ['U12: the first has none: the department decides', [null, 'nl'], 'de'],
    ['U12: nobody has one: the department decides', [null, null], 'de'],
    ['U12: one recipient', ['en'], 'en'],
  ])('%s', (_, languages, expected) => expect(mailLanguage(of(...languages), policy, null)).toBe(expected))

  it('U12: the sender can change it', () => expect(mailLanguage(of('nl', 'nl'), policy, 'en')).toBe('en'))
})
