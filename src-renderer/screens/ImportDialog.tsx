/**
 * An import in progress: reading the source, choosing the patients, copying. Nothing is in the library until all files
 * are copied.
 */
import { Button, Group, Progress, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ImportChoice, ImportIdentity, ImportPatient, ImportState } from '../../src-core/contract/import.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatBytes, formatCount, formatDay, formatPersonName } from '../../src-ui/i18n.ts'
import { Dialog } from '../components/Dialog.tsx'
import { choicesOf, type Choices } from '../state/import.ts'
import styles from './ImportDialog.module.css'

interface ImportDialogProps {
  readonly state: ImportState | undefined
  readonly opened: boolean
  readonly failure: string | null
  onStart(choices: ImportChoice[]): void
  onCancel(): void
  onClose(): void
}

const isRunning = (state: ImportState | undefined): boolean => state?.phase === 'scanning' || state?.phase === 'copying'

const imagesOf = (state: ImportState | undefined): number =>
  state?.patients.reduce((sum, patient) => sum + patient.instances, 0) ?? 0

export function ImportDialog({ state, opened, failure, onStart, onCancel, onClose }: ImportDialogProps) {
  const { t, i18n } = useTranslation('workstation')
  const [chosen, setChosen] = useState<Choices>({})
  const choices = choicesOf(state?.patients ?? [], chosen)
  const missingChoices = Object.values(choices).filter((choice) => choice === undefined).length
  return (
    <Dialog
      opened={opened}
      onClose={isRunning(state) || state?.phase === 'ready' ? onCancel : onClose}
      title={t('import.title')}
      size="xl"
      zIndex={300}
      closeOnClickOutside={false}
      attributes={{ header: { role: 'none' } }}
    >
      {failure !== null && <ErrorMessage code={failure} />}
      <ImportProgress state={state} />
      {state?.phase === 'ready' && (
        <>
          {state.missing > 0 && <p className={styles.note}>{t('import.missing', { count: state.missing })}</p>}
          {state.skipped > 0 && <p className={styles.note}>{t('import.skipped', { count: state.skipped })}</p>}
          <div className={styles.list}>
            {state.patients.map((patient) => (
              <PatientChoice
                key={patient.patientKey}
                patient={patient}
                choice={choices[patient.patientKey]}
                size={formatBytes(patient.bytes, i18n.language)}
                onChoose={(choice) => setChosen((current) => ({ ...current, [patient.patientKey]: choice }))}
              />
            ))}
          </div>
        </>
      )}
      <ImportButtons
        state={state}
        missingChoices={missingChoices}
        onStart={() => onStart(Object.values(choices).filter((choice) => choice !== undefined))}
        onCancel={onCancel}
        onClose={onClose}
      />
    </Dialog>
  )
}

function ImportProgress({ state }: Pick<ImportDialogProps, 'state'>) {
  const { t, i18n } = useTranslation('workstation')
  const number = (count: number): string => formatCount(count, i18n.language)
  const progress = state?.progress
  const images = imagesOf(state)
  return (
    <>
      <div role="status">
        {state?.phase === 'scanning' && (
          <p>{t('import.scanning', { name: state.name, done: number(state.progress?.done ?? 0) })}</p>
        )}
        {state?.phase === 'ready' && (
          <p>{t('import.found', { name: state.name, count: images, images: number(images) })}</p>
        )}
        {state?.phase === 'copying' && (
          <p>
            {t('import.copying', {
              done: number(state.progress?.done ?? 0),
              total: number(state.progress?.total ?? images),
            })}
          </p>
        )}
        {state?.phase === 'done' && <p>{t('import.done', { count: images, images: number(images) })}</p>}
        {state?.phase === 'cancelled' && <p>{t('import.cancelled')}</p>}
        {state?.phase === 'failed' && <ErrorMessage code={state.reason ?? 'internal'} />}
      </div>
      {isRunning(state) && (
        <Progress
          value={progress?.total ? (100 * progress.done) / progress.total : 100}
          animated={!progress?.total}
          aria-label={t('import.progress')}
        />
      )}
    </>
  )
}

interface ImportButtonsProps extends Pick<ImportDialogProps, 'state' | 'onCancel' | 'onClose'> {
  /** Number of patients for whom a choice is missing. */
  readonly missingChoices: number
  onStart(): void
}

function ImportButtons({ state, missingChoices, onStart, onCancel, onClose }: ImportButtonsProps) {
  const { t, i18n } = useTranslation(['workstation', 'common'])
  const images = imagesOf(state)
  return (
    <Group justify="flex-end" mt="md">
      {missingChoices > 0 && state?.phase === 'ready' && (
        <span className={styles.note}>{t('import.toChoose', { count: missingChoices })}</span>
      )}
      {isRunning(state) || state?.phase === 'ready' ? (
        <Button variant="default" onClick={onCancel}>
          {t('cancel', { ns: 'common' })}
        </Button>
      ) : (
        <Button variant="default" onClick={onClose}>
          {t('close', { ns: 'common' })}
        </Button>
      )}
      {state?.phase === 'ready' && (
        <Button disabled={missingChoices > 0} onClick={onStart}>
          {t('import.start', { count: images, images: formatCount(images, i18n.language) })}
        </Button>
      )}
    </Group>
  )
}

interface PatientChoiceProps {
  readonly patient: ImportPatient
  readonly choice: ImportChoice | undefined
  readonly size: string
  onChoose(choice: ImportChoice): void
}

function PatientChoice({ patient, choice, size, onChoose }: PatientChoiceProps) {
  const { t, i18n } = useTranslation('workstation')
  const { patientKey } = patient
  const value = choice === undefined ? '' : choice.choice === 'correct' ? `correct:${choice.matchKey}` : choice.choice
  const choose = (next: string): void => {
    if (next === 'accept' || next === 'apart') onChoose({ patientKey, choice: next })
    else onChoose({ patientKey, choice: 'correct', matchKey: next.slice('correct:'.length) })
  }
  const facts = useFacts()
  const others = patient.matches.filter((match) => match.likeness !== 'same')
  const name = formatPersonName(patient.identity.PatientName) || t('import.noName')
  return (
    <section className={choice === undefined ? `${styles.patient} ${styles.asked}` : styles.patient} aria-label={name}>
      <h3 className={styles.name}>{name}</h3>
      <p className={styles.facts}>{facts(patient.identity)}</p>
      <p className={styles.facts}>
        {patient.studies
          .map((study) =>
            [
              study.StudyDescription || t('studies.noDescription'),
              formatDay(study.StudyDate, i18n.language),
              t('import.images', { count: study.instances }),
            ]
              .filter(Boolean)
              .join(' · '),
          )
          .join('; ')}{' '}
        · {size}
        {patient.known > 0 && ` · ${t('import.known', { count: patient.known })}`}
      </p>
      <Radio.Group
        className={styles.choice}
        value={value}
        onChange={choose}
        label={others.length === 0 ? t('import.how') : t('import.who')}
      >
        <Stack gap={8} mt={6}>
          <Radio value="accept" label={t('import.accept')} description={t('import.acceptText')} />
          {others.map((match) => (
            <Radio
              key={match.matchKey}
              value={`correct:${match.matchKey}`}
              label={t('import.correct', { name: formatPersonName(match.identity.PatientName) || t('import.noName') })}
              description={[
                facts(match.identity),
                t('import.inLibrary', { count: match.studies }),
                t(match.likeness === 'same-id' ? 'import.sameId' : 'import.similar'),
              ].join(' · ')}
            />
          ))}
          {patient.matches.length > 0 && (
            <Radio value="apart" label={t('import.apart')} description={t('import.apartText')} />
          )}
        </Stack>
      </Radio.Group>
    </section>
  )
}

/** Birth date, number, issuer and sex in one line. */
function useFacts(): (identity: ImportIdentity) => string {
  const { t, i18n } = useTranslation(['workstation', 'common'])
  return ({ PatientID, IssuerOfPatientID, PatientBirthDate }) =>
    [
      PatientBirthDate && `${t('patient.born', { ns: 'common' })} ${formatDay(PatientBirthDate, i18n.language)}`,
      PatientID && `${t('patient.id', { ns: 'common' })} ${PatientID}`,
      IssuerOfPatientID,
    ]
      .filter(Boolean)
      .join(' · ')
}
