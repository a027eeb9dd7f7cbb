/** The flags of `share` that state its terms, derived from the table of terms. */
import type { ParseArgsOptionsConfig } from 'node:util'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { TERMS, type TermTable } from '../../src-core/contract/terms/table.ts'
import { REFUSED, type AnyTerm, type TermFlag } from '../../src-core/contract/terms/term.ts'
import { string, type Values } from './command.ts'

const flagged = Object.entries<AnyTerm>(TERMS satisfies TermTable).flatMap(([name, term]) =>
  term.flag === null ? [] : [{ name, term, flag: term.flag }],
)

const optionsOf = ({ name, form }: TermFlag): ParseArgsOptionsConfig => ({
  [name]: { type: form === 'text' ? 'string' : 'boolean' },
  ...(form === 'on-off' && { [`no-${name}`]: { type: 'boolean' } }),
})

export const termOptions: ParseArgsOptionsConfig = Object.assign({}, ...flagged.map(({ flag }) => optionsOf(flag)))

function usageOf({ name, form, hint }: TermFlag): string {
  if (form === 'on-off') return `--${name} | --no-${name}`
  return form === 'text' ? `--${name} ${hint}` : `--${name}`
}

/** The flags as the usage line shows them. Optional flags stand in brackets. */
export const termUsage = flagged
  .map(({ flag, term }) => (term.whenAbsent === REFUSED ? usageOf(flag) : `[${usageOf(flag)}]`))
  .join(' ')

/** @returns undefined when the flag was not given */
function givenValue(values: Values, { name, form, read }: TermFlag): unknown {
  if (form !== 'text') return values[name] === true ? true : values[`no-${name}`] === true ? false : undefined
  const typed = string(values, name)
  return typed === undefined || read === undefined ? typed : read(typed)
}

/** The terms that the command line states. @error bad-request, which names the flag */
export function termsGiven(values: Values): Partial<ShareTerms> {
  const stated = flagged.flatMap(({ name, term, flag }) => {
    const value = givenValue(values, flag)
    if (value === undefined) return []
    const checked = term.schema.safeParse(value)
    if (!checked.success) throw new OutpostError('bad-request', { field: flag.name })
    return [[name, checked.data]]
  })
  return Object.fromEntries(stated) as Partial<ShareTerms>
}
