/** Chooses the recipients: favourites first, then the search field, then the chosen recipients. */
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { Checkbox } from '@mantine/core'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import type { ChosenRecipient } from '../state/draft.ts'
import { Icon } from './Icon.tsx'
import { RecipientSearch } from './RecipientSearch.tsx'
import { Section } from './Section.tsx'
import styles from './SharePanel.module.css'

interface RecipientPickerProps {
  readonly ref?: Ref<HTMLInputElement>
  readonly favourites: readonly RecipientView[]
  readonly chosen: readonly ChosenRecipient[]
  readonly terms: Pick<ShareTerms, 'twoFactor' | 'withoutTwoFactor'>
  readonly twoFactorFixed: boolean
  readonly sendMail: boolean
  readonly text: string
  readonly found: readonly RecipientView[] | undefined
  readonly answered: boolean
  onText(text: string): void
  onAdd(recipient: RecipientView): void
  onRemove(recipientId: string): void
  onStar(recipient: RecipientView, favourite: boolean): void
  onOneTimePassword(recipientId: string, asked: boolean): void
}

export function RecipientPicker({ ref, ...props }: RecipientPickerProps) {
  const { t } = useTranslation('share')
  const { favourites, chosen, terms } = props
  const isChosen = (recipientId: string): boolean =>
    chosen.some(({ recipient }) => recipient.recipientId === recipientId)
  const refused = (recipient: RecipientView): string | null =>
    asksOneTimePassword(terms, recipient.recipientId) && !recipient.hasMobile ? t('toWhom.noMobile') : null
  return (
    <Section title={t('toWhom.title')}>
      {favourites.length > 0 && <FavouriteChips {...props} isChosen={isChosen} refused={refused} />}
      <RecipientSearch
        ref={ref}
        text={props.text}
        found={props.found?.filter((recipient) => !isChosen(recipient.recipientId))}
        answered={props.answered}
        refused={refused}
        onText={props.onText}
        onAdd={props.onAdd}
      />
      {chosen.length > 0 && (
        <ul className={styles.chosen} aria-label={t('toWhom.chosen')}>
          {chosen.map((choice) => (
            <ChosenItem
              key={choice.recipient.recipientId}
              {...props}
              choice={choice}
              isRefused={refused(choice.recipient) !== null}
            />
          ))}
        </ul>
      )}
    </Section>
  )
}

type FavouriteChipsProps = Pick<RecipientPickerProps, 'favourites' | 'onAdd' | 'onRemove'> & {
  isChosen(recipientId: string): boolean
  /** The reason why a recipient cannot be chosen; null when they can. */
  refused(recipient: RecipientView): string | null
}

function FavouriteChips({ favourites, isChosen, refused, onAdd, onRemove }: FavouriteChipsProps) {
  const { t } = useTranslation('share')
  return (
    <ul className={styles.chips} aria-label={t('toWhom.favourites')}>
      {favourites.map((recipient) => {
        const reason = refused(recipient)
        const on = isChosen(recipient.recipientId)
        return (
          <li key={recipient.recipientId}>
            <button
              type="button"
              className={styles.chip}
              aria-pressed={on}
              aria-disabled={reason !== null && !on}
              title={reason ?? undefined}
              onClick={() => {
                if (on) onRemove(recipient.recipientId)
                else if (reason === null) onAdd(recipient)
              }}
            >
              <Icon name={on ? 'check' : 'star'} size={14} />
              {recipient.name}
              {reason !== null && !on && <span className="visually-hidden">: {reason}</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

type ChosenItemProps = Pick<
  RecipientPickerProps,
  'favourites' | 'chosen' | 'terms' | 'twoFactorFixed' | 'sendMail' | 'onRemove' | 'onStar' | 'onOneTimePassword'
> & {
  readonly choice: ChosenRecipient
  readonly isRefused: boolean
}

function ChosenItem(props: ChosenItemProps) {
  const { t } = useTranslation('share')
  const { favourites, chosen, terms, twoFactorFixed, isRefused } = props
  const { recipient, star } = props.choice
  const favourite = favourites.some(({ recipientId }) => recipientId === recipient.recipientId)
  const label = favourite
    ? t('toWhom.alreadyFavourite', { name: recipient.name })
    : t(star ? 'toWhom.starred' : 'toWhom.star', { name: recipient.name })
  return (
    <li className={styles.recipient} data-problem={isRefused}>
      <div>
        <div className={styles.resultName}>{recipient.name}</div>
        {isRefused && (
          <p className={styles.problem} role="alert">
            {t(twoFactorFixed ? 'toWhom.cannotTwoFactorFixed' : 'toWhom.cannotTwoFactor', {
              name: recipient.name,
            })}
          </p>
        )}
        {terms.twoFactor && !twoFactorFixed && chosen.length > 1 && (
          <Checkbox
            size="xs"
            label={t('toWhom.oneTimePassword')}
            aria-label={t('toWhom.oneTimePasswordFor', { name: recipient.name })}
            checked={asksOneTimePassword(terms, recipient.recipientId)}
            onChange={(event) => props.onOneTimePassword(recipient.recipientId, event.currentTarget.checked)}
          />
        )}
        {props.sendMail && !recipient.hasEmail && <p className={styles.why}>{t('toWhom.noEmail')}</p>}
      </div>
      <button
        type="button"
        className={styles.iconButton}
        aria-pressed={favourite || star}
        aria-label={label}
        title={label}
        onClick={() => props.onStar(recipient, favourite)}
      >
        <Icon name="star" filled={favourite || star} />
      </button>
      <button
        type="button"
        className={styles.iconButton}
        aria-label={t('toWhom.remove', { name: recipient.name })}
        onClick={() => props.onRemove(recipient.recipientId)}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}
