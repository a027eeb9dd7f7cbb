/** A field that finds recipients by name, number, mobile or mail; arrow keys and Enter choose one. */
import { TextInput } from '@mantine/core'
import { useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import type { KeyboardEvent, Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import { useLayer } from '../state/layers.ts'
import { Icon } from './Icon.tsx'
import styles from './SharePanel.module.css'

interface RecipientSearchProps {
  readonly ref?: Ref<HTMLInputElement>
  readonly text: string
  /** undefined until the first answer. */
  readonly found: readonly RecipientView[] | undefined
  /** Whether `found` is the answer to the present text, and not to an earlier one. */
  readonly answered: boolean
  /** The reason why a recipient cannot be chosen, which is shown; null when they can. */
  refused(recipient: RecipientView): string | null
  onText(text: string): void
  onAdd(recipient: RecipientView): void
}

/** A recipient in one line: specialty, place, number and public contacts. */
export function factsOf(recipient: RecipientView): string {
  const numbers = recipient.numbers.map((number) => `${number.system} ${number.value}`)
  return [recipient.specialty, recipient.organisation, recipient.city, ...numbers, recipient.email, recipient.mobile]
    .filter((fact) => fact !== '')
    .join(' · ')
}

/** The active result, and what the keys and the typed text do to it. */
function useResultChoice({ text, found, answered, refused, onText, onAdd }: Omit<RecipientSearchProps, 'ref'>) {
  const [active, setActive] = useState(0)
  const [open, setOpen] = useState(false)
  const results = found ?? []
  const shown = open && text.trim() !== ''
  const current = results[Math.min(active, results.length - 1)]
  const add = (recipient: RecipientView): void => {
    if (refused(recipient) !== null) return
    onAdd(recipient)
    onText('')
    setActive(0)
  }
  // Enter right after typing must not choose a result of an earlier text, so it waits for the answer.
  const wanted = useRef(false)
  const onAnswer = useEffectEvent(() => {
    if (wanted.current && current !== undefined) add(current)
    wanted.current = false
  })
  useEffect(() => {
    if (answered) onAnswer()
  }, [answered, found])
  useLayer(shown, () => {
    setOpen(false)
    onText('')
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey) return
    const acts: Record<string, () => void> = {
      ArrowDown: () => {
        setOpen(true)
        setActive(Math.min(active + 1, results.length - 1))
      },
      ArrowUp: () => setActive(Math.max(0, active - 1)),
      // Enter must not submit the form while a name is being typed.
      Enter: () => {
        if (!shown) return
        if (!answered) wanted.current = true
        else if (current !== undefined) add(current)
      },
    }
    const act = acts[event.key]
    if (act === undefined) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  const onType = (typed: string): void => {
    onText(typed)
    setActive(0)
    setOpen(true)
    wanted.current = false
  }
  return { results, shown, current, setActive, setOpen, add, onType, onKeyDown }
}

export function RecipientSearch({ ref, ...props }: RecipientSearchProps) {
  const { t } = useTranslation('share')
  const id = useId()
  const { results, shown, current, setActive, setOpen, add, onType, onKeyDown } = useResultChoice(props)
  return (
    <div
      className={styles.search}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <TextInput
        ref={ref}
        role="combobox"
        aria-label={t('toWhom.search')}
        placeholder={t('toWhom.search')}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && current !== undefined ? `${id}-${current.recipientId}` : undefined}
        autoComplete="off"
        spellCheck={false}
        leftSection={<Icon name="search" />}
        value={props.text}
        onFocus={() => setOpen(true)}
        onChange={(event) => onType(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <SearchResults
        id={id}
        results={results}
        shown={shown}
        current={current}
        refused={props.refused}
        onActive={setActive}
        onAdd={add}
      />
      <p className={styles.dimmed} role="status">
        {shown && props.found?.length === 0 ? t('toWhom.none', { text: props.text.trim() }) : ''}
      </p>
    </div>
  )
}

interface SearchResultsProps {
  /** Prefix of the ids of the list and its options. */
  readonly id: string
  readonly results: readonly RecipientView[]
  readonly shown: boolean
  readonly current: RecipientView | undefined
  refused(recipient: RecipientView): string | null
  onActive(index: number): void
  onAdd(recipient: RecipientView): void
}

function SearchResults({ id, results, shown, current, refused, onActive, onAdd }: SearchResultsProps) {
  const { t } = useTranslation('share')
  return (
    <ul
      id={`${id}-list`}
      role="listbox"
      aria-label={t('toWhom.results')}
      className={styles.results}
      hidden={!shown || results.length === 0}
    >
      {results.map((recipient) => {
        const reason = refused(recipient)
        return (
          <li
            key={recipient.recipientId}
            id={`${id}-${recipient.recipientId}`}
            role="option"
            aria-selected={recipient === current}
            aria-disabled={reason !== null}
            className={styles.result}
            onPointerMove={() => onActive(results.indexOf(recipient))}
            onPointerDown={(event) => {
              event.preventDefault()
              onAdd(recipient)
            }}
          >
            <span className={styles.resultName}>{recipient.name}</span>
            <span className={styles.resultFacts}>
              {recipient.kind === 'user'
                ? factsOf(recipient)
                : [t(`toWhom.kind.${recipient.kind}`), factsOf(recipient)].filter(Boolean).join(' · ')}
            </span>
            {reason !== null && (
              <span className={styles.why}>
                <Icon name="warning" size={13} />
                {reason}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
