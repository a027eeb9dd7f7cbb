/** Asks for confirmation before images of several patients are shared together. It names every patient (W15). */
import { Button, Group, Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Patient } from '../../src-core/contract/studies.ts'
import { formatDay, formatPersonName } from '../../src-ui/i18n.ts'
import styles from './SharePanel.module.css'

interface SeveralPatientsDialogProps {
  readonly opened: boolean
  readonly patients: readonly Patient[]
  /** The text of the panel's Share button: every patient's name, and the recipients. */
  readonly label: string
  onConfirm(): void
  onClose(): void
}

export function SeveralPatientsDialog({ opened, patients, label, onConfirm, onClose }: SeveralPatientsDialogProps) {
  const { t, i18n } = useTranslation(['share', 'common'])
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('patients.title', { count: patients.length })}
      centered
      withCloseButton={false}
      zIndex={400}
    >
      <p style={{ marginTop: 0 }}>{t('patients.text')}</p>
      <ul className={styles.patients}>
        {patients.map((patient) => {
          const { PatientName, PatientID, IssuerOfPatientID, PatientBirthDate } = patient
          const facts = [
            PatientBirthDate && `${t('patient.born', { ns: 'common' })} ${formatDay(PatientBirthDate, i18n.language)}`,
            PatientID && `${t('patient.id', { ns: 'common' })} ${PatientID}`,
            IssuerOfPatientID,
          ]
          return (
            <li key={JSON.stringify(patient)}>
              <strong>{formatPersonName(PatientName) || t('patient.unnamed', { ns: 'common' })}</strong>
              <span>{facts.filter(Boolean).join(' · ')}</span>
            </li>
          )
        })}
      </ul>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          {t('patients.keep')}
        </Button>
        <Button bg="var(--op-bad-fill)" className={styles.shareButton} onClick={onConfirm}>
          <span className={styles.shareLabel}>{label}</span>
        </Button>
      </Group>
    </Modal>
  )
}
