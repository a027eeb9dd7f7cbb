/**
 * Implements the contract's procedures on the fake state, with just enough rules for the screens to show every answer.
 */
import { implement, ORPCError } from '@orpc/server'
import type { ErrorCode } from '../../../src-core/contract/errors.ts'
import type { RecipientView } from '../../../src-core/contract/recipients.ts'
import type { OutboxRow } from '../../../src-core/contract/shares.ts'
import type { Patient, StudyQuery, StudyRow } from '../../../src-core/contract/studies.ts'
import type { Selection } from '../../../src-core/contract/terms.ts'
import { workstationContract } from '../../../src-core/contract/workstation.ts'
import type { ShareDraft } from '../../../src-core/contract/workstation.ts'
import { joinedValues } from '../../../src-core/patient/display-name.ts'
import { patientsOf } from '../../../src-core/patient/patients-of.ts'
import { asksOneTimePassword } from '../../../src-core/sharing/two-factor.ts'
import { fakeImport } from './fake-import.ts'
import { historyOf, type FakeState } from './fake-state.ts'
import { inventInstances, inventSeries, inventStudies, patientOf } from './invented-data.ts'

const os = implement(workstationContract)
const ok = { ok: true } as const
const refuse = (code: ErrorCode): ORPCError<string, { code: ErrorCode }> =>
  new ORPCError(code, { status: 422, message: code, data: { code } })

const fold = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
const wordsOf = (text: string): string[] =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

function matches(study: StudyRow, query: StudyQuery): boolean {
  if (query.Modality?.length && !query.Modality.some((modality) => study.ModalitiesInStudy.includes(modality)))
    return false
  if (query.notShared && study.shared !== 'none') return false
  if (query.PatientID !== undefined && study.PatientID !== query.PatientID) return false
  if (query.dateFrom !== undefined && study.StudyDate < query.dateFrom) return false
  if (query.dateTo !== undefined && study.StudyDate > query.dateTo) return false
  const asked = wordsOf(query.text)
  if (asked.length === 0) return true
  const words = wordsOf(
    [study.PatientName, study.PatientID, study.AccessionNumber, study.StudyDescription, study.PatientBirthDate].join(
      ' ',
    ),
  )
  return asked.every((part) => words.some((word) => word.startsWith(part)))
}

function compare(left: StudyRow, right: StudyRow, query: StudyQuery): number {
  const key = (study: StudyRow): string | number => {
    if (query.sort === 'instances') return study.instances
    if (query.sort === 'ModalitiesInStudy') return study.ModalitiesInStudy.join(' ')
    return query.sort === 'StudyDate' ? study.StudyDate + study.StudyTime : study[query.sort]
  }
  const [a, b] = [key(left), key(right)]
  return (a < b ? -1 : a > b ? 1 : 0) * (query.descending ? -1 : 1)
}

/** Whether two words differ by at most one letter, so that the screens can show a result for a misspelt name. */
function near(word: string, asked: string): boolean {
  if (word.startsWith(asked)) return true
  if (asked.length < 4) return false
  for (let index = 0; index < asked.length; index += 1) {
    const without = asked.slice(0, index) + asked.slice(index + 1)
    if (word.startsWith(without) || (word.slice(0, index) + word.slice(index + 1)).startsWith(without)) return true
  }
  return false
}

function picked(state: FakeState, selection: Selection): { studies: StudyRow[]; instances: number; series: number } {
  const studies = selection.studies
    .map((choice) => state.studies.find((study) => study.StudyInstanceUID === choice.StudyInstanceUID))
    .filter((study) => study !== undefined)
  const rows = studies.flatMap((study) => {
    const only = selection.studies.find((choice) => choice.StudyInstanceUID === study.StudyInstanceUID)?.series
    return inventSeries(study).filter(
      (series) => only === null || only === undefined || only.includes(series.SeriesInstanceUID),
    )
  })
  return {
    studies,
    series: rows.length,
    instances: rows.reduce((sum, series) => sum + series.instances, 0) - selection.leftOut.length,
  }
}

function patientsPicked(state: FakeState, selection: Selection): Patient[] {
  const { studies } = picked(state, selection)
  return patientsOf(
    studies.flatMap((study) => {
      const only = selection.studies.find((one) => one.StudyInstanceUID === study.StudyInstanceUID)?.series ?? null
      return inventSeries(study)
        .filter(({ SeriesInstanceUID }) => only === null || only.includes(SeriesInstanceUID))
        .flatMap(({ patients }) => (patients.length > 0 ? patients : [patientOf(study)]))
        .map((patient) => ({ ...patient, StudyInstanceUID: study.StudyInstanceUID }))
    }),
  )
}
const shownOf = (patients: readonly Patient[]): string =>
  String(patients.reduce((sum, { PatientName, PatientID }) => sum + PatientName.length + PatientID.length, 0))

function refusalsOf(state: FakeState, studies: StudyRow[], selection: Selection) {
  return studies.flatMap((study) =>
    inventSeries(study).flatMap((series, index, all) => {
      const only =
        selection.studies.find((choice) => choice.StudyInstanceUID === study.StudyInstanceUID)?.series ?? null
      if (only !== null && !only.includes(series.SeriesInstanceUID)) return []
      const code = study.ModalitiesInStudy.includes('US')
        ? 'burned-in-annotation'
        : index === all.length - 1
          ? 'pixel-review-required'
          : null
      if (code === null) return []
      return inventInstances(series)
        .slice(0, 4)
        .filter(
          (instance) =>
            !selection.leftOut.includes(instance.SOPInstanceUID) &&
            !state.signedOff.some((line) => line.SOPInstanceUIDs.includes(instance.SOPInstanceUID)),
        )
        .map((instance) => ({
          SOPInstanceUID: instance.SOPInstanceUID,
          SeriesInstanceUID: series.SeriesInstanceUID,
          StudyInstanceUID: study.StudyInstanceUID,
          code,
        }))
    }),
  )
}

function checked(state: FakeState, draft: ShareDraft): RecipientView[] {
  if (draft.recipients.length === 0) throw refuse('no-recipient')
  if (draft.terms.reason.trim() === '') throw refuse('reason-required')
  if (!draft.terms.patientAgreed) throw refuse('patient-not-agreed')
  const recipients = draft.recipients
    .map(({ recipientId }) => state.recipients.find((entry) => entry.recipientId === recipientId))
    .filter((entry) => entry !== undefined)
  if (draft.terms.twoFactor && recipients.some((entry) => !entry.hasMobile)) throw refuse('recipient-without-mobile')
  return recipients
}

/** Returns every procedure of the contract, so that no request of the page fails. */
export function fakeRouter(state: FakeState) {
  const imported = fakeImport(state)
  const folderTo = (folderId: string, paused: boolean): void => {
    state.folders = state.folders.map((folder) =>
      folder.folderId === folderId
        ? { ...folder, state: paused ? 'paused' : folder.progress ? 'indexing' : 'watching' }
        : folder,
    )
    state.emit({ type: 'folders' })
  }
  return os.router({
    session: {
      current: os.session.current.handler(() => ({
        staff: state.staff,
        known: state.known,
        enrolled: state.enrolled,
        organisation: state.enrolled ? 'Sample Hospital (demonstration)' : '',
        department: state.enrolled ? 'Radiology' : '',
        workstation: state.enrolled ? 'CT room 1' : '',
        secrets: state.secrets,
        demonstration: true,
        canBrowseFolders: true,
      })),
      signIn: os.session.signIn.handler(({ input }) => {
        const staff = state.known.find((entry) => entry.name === input.name)
        if (!staff || input.password !== 'sample') throw refuse('wrong-credentials')
        state.staff = staff
        return staff
      }),
      signInDemonstration: os.session.signInDemonstration.handler(() => (state.staff = state.known[0]!)),
      signOut: os.session.signOut.handler(() => {
        state.staff = null
        return ok
      }),
      pageFailed: os.session.pageFailed.handler(() => ok),
      unlockSecrets: os.session.unlockSecrets.handler(({ input }) => {
        if (!state.secrets.firstUse && input.passphrase !== 'sample passphrase') throw refuse('wrong-passphrase')
        state.secrets = { ...state.secrets, locked: false, firstUse: false }
        return ok
      }),
      enroll: os.session.enroll.handler(({ input }) => {
        if (input.code !== 'SAMPLE-CODE') throw refuse('wrong-enrolment-code')
        state.enrolled = true
        return { organisation: 'Sample Hospital (demonstration)', department: 'Radiology', workstation: 'CT room 1' }
      }),
    },
    library: {
      studies: os.library.studies.handler(({ input }) => {
        const found = state.studies
          .filter((study) => matches(study, input))
          .sort((left, right) => compare(left, right, input))
        return { total: found.length, rows: found.slice(input.offset, input.offset + input.limit) }
      }),
      study: os.library.study.handler(({ input }) => {
        const study = state.studies.find((entry) => entry.StudyInstanceUID === input.StudyInstanceUID)
        if (!study) throw refuse('study-not-found')
        return { study, series: inventSeries(study) }
      }),
      instances: os.library.instances.handler(({ input }) => {
        const study = state.studies.find((entry) => entry.StudyInstanceUID === input.StudyInstanceUID)
        const series = study && inventSeries(study).find((entry) => entry.SeriesInstanceUID === input.SeriesInstanceUID)
        if (!series) throw refuse('series-not-found')
        return inventInstances(series)
      }),
      folders: os.library.folders.handler(() => state.folders),
      addFolder: os.library.addFolder.handler(({ input }) => {
        const folderId = `f${state.folders.length + 1}`
        state.folders = [
          ...state.folders,
          {
            folderId,
            name: input.handle,
            state: 'watching',
            code: null,
            files: 120,
            indexed: 120,
            skipped: 0,
            progress: null,
          },
        ]
        if (state.studies.length === 0) state.studies = inventStudies(5, new Date())
        state.emit({ type: 'folders' })
        state.emit({ type: 'library' })
        return { folderId }
      }),
      removeFolder: os.library.removeFolder.handler(({ input }) => {
        state.folders = state.folders.filter((folder) => folder.folderId !== input.folderId)
        state.emit({ type: 'folders' })
        return ok
      }),
      rescan: os.library.rescan.handler(() => ok),
      pause: os.library.pause.handler(({ input }) => {
        folderTo(input.folderId, input.paused)
        return ok
      }),
      skipped: os.library.skipped.handler(() => ({
        total: 3,
        rows: [
          { folderId: 'f1', name: 'scan-0001.tmp', code: 'not-dicom' },
          { folderId: 'f1', name: 'IM000412', code: 'truncated' },
          { folderId: 'f1', name: 'export.zip', code: 'file-unreadable' },
        ],
      })),
      openSamples: os.library.openSamples.handler(() => {
        state.studies = inventStudies(5, new Date())
        state.folders = [
          {
            folderId: 'samples',
            name: 'Sample studies',
            state: 'watching',
            code: null,
            files: 640,
            indexed: 640,
            skipped: 0,
            progress: null,
          },
        ]
        state.emit({ type: 'folders' })
        state.emit({ type: 'library' })
        return { folderId: 'samples' }
      }),
      browse: os.library.browse.handler(({ input }) => {
        const name = input.handle ?? 'Home'
        return {
          handle: name,
          name,
          parent: name === 'Home' ? null : 'Home',
          folders:
            name === 'Home'
              ? ['Documents', 'Images', 'Modality inbox'].map((child) => ({ handle: child, name: child }))
              : [],
          files: name === 'Home' ? [{ handle: 'disc.zip', name: 'disc.zip' }] : [],
        }
      }),
      importScan: os.library.importScan.handler(({ input }) => imported.scan(input.handle)),
      importState: os.library.importState.handler(() => imported.state()),
      importStart: os.library.importStart.handler(() => {
        imported.start()
        return ok
      }),
      importCancel: os.library.importCancel.handler(() => {
        imported.cancel()
        return ok
      }),
    },
    directory: {
      search: os.directory.search.handler(({ input }) => {
        const asked = wordsOf(input.text)
        return state.recipients
          .filter((entry) => {
            const words = wordsOf(
              [
                entry.name,
                entry.specialty,
                entry.city,
                entry.email,
                entry.mobile,
                ...entry.numbers.map((number) => number.value.replaceAll('-', '')),
              ].join(' '),
            )
            return asked.every((part) => words.some((word) => near(word, part)))
          })
          .slice(0, input.limit)
      }),
      favourites: os.directory.favourites.handler(() => state.recipients.filter((entry) => entry.favourite)),
      setFavourite: os.directory.setFavourite.handler(({ input }) => {
        state.recipients = state.recipients.map((entry) =>
          entry.recipientId === input.recipientId ? { ...entry, favourite: input.favourite } : entry,
        )
        state.emit({ type: 'directory' })
        return ok
      }),
    },
    sharing: {
      defaults: os.sharing.defaults.handler(() => ({
        policy: state.policy,
        ...state.remembered,
        right: 'images-read-report' as const,
      })),
      review: os.sharing.review.handler(({ input }) => {
        const { studies, series, instances } = picked(state, input.selection)
        const patients = patientsPicked(state, input.selection)
        return {
          patients,
          patientsShown: shownOf(patients),
          studies: studies.length,
          series,
          instances,
          bytes: instances * 526_000,
          refusals: input.anonymize ? refusalsOf(state, studies, input.selection) : [],
          signedOff: input.anonymize ? state.signedOff : [],
          arriving: studies.some((study) => study.arriving),
        }
      }),
      requestReview: os.sharing.requestReview.handler(({ input }) => ({
        images: input.SOPInstanceUIDs.map((SOPInstanceUID, index) => ({
          SOPInstanceUID,
          InstanceNumber: index + 1,
          NumberOfFrames: 1,
          Rows: 512,
          Columns: 512,
          content: `state-${index}`,
          code: null,
        })),
        proposals: [{ x: 0, y: 0, width: 512, height: 40 }],
        proposedBy: 'ultrasound' as const,
      })),
      signOff: os.sharing.signOff.handler(({ input: { StudyInstanceUID, SeriesInstanceUID, regions, images } }) => {
        if (images.some((image) => !image.framesSeen.includes(1))) throw refuse('frames-not-reviewed')
        state.signed.push(regions)
        state.signedOff.push({
          StudyInstanceUID,
          SeriesInstanceUID,
          SOPInstanceUIDs: images.map((image) => image.SOPInstanceUID),
          by: state.staff?.name ?? '',
          at: new Date().toISOString(),
          regions: regions.length,
        })
        return ok
      }),
      deidentifyPreview: os.sharing.deidentifyPreview.handler(({ input }) => ({
        instances: picked(state, input.selection).studies.flatMap((study) =>
          inventSeries(study).map((series) => ({
            StudyInstanceUID: study.StudyInstanceUID,
            SeriesInstanceUID: series.SeriesInstanceUID,
            SOPInstanceUID: series.cover,
            Modality: series.Modality,
            SeriesDescription: series.SeriesDescription,
            SeriesNumber: series.SeriesNumber,
            code: null,
            more: 0,
            rows: [
              {
                path: '(0010,0010)',
                tag: '(0010,0010)',
                keyword: 'PatientName',
                action: 'replaced' as const,
                before: study.PatientName,
                after: 'Anonymous^1',
              },
              {
                path: '(0010,0030)',
                tag: '(0010,0030)',
                keyword: 'PatientBirthDate',
                action: 'removed' as const,
                before: study.PatientBirthDate,
                after: '',
              },
              {
                path: '(0008,0060)',
                tag: '(0008,0060)',
                keyword: 'Modality',
                action: 'kept' as const,
                before: series.Modality,
                after: series.Modality,
              },
            ],
          })),
        ),
      })),
      preview: os.sharing.preview.handler(({ input }) => ({
        language: input.terms.mailLanguage ?? 'en',
        mails: input.recipients.map(({ recipientId }) => ({
          recipientId,
          name: state.recipients.find((person) => person.recipientId === recipientId)?.name ?? '',
          twoFactor: asksOneTimePassword(input.terms, recipientId),
          subject: `${input.terms.urgent ? 'URGENT: ' : ''}An exam was shared with you`,
          text:
            'Tess Technologist (sample) of Radiology, Sample Hospital (demonstration), shared an exam with you:\n\n' +
            'J.D. · CT thorax with contrast · 21 Nov 2026\n\nhttps://relay.example.test/s/…\n' +
            (input.terms.message ? `\n${input.terms.message}\n` : ''),
        })),
      })),
      share: os.sharing.share.handler(({ input }) => {
        const recipients = checked(state, input)
        const { studies, instances } = picked(state, input.selection)
        const patients = patientsPicked(state, input.selection)
        if (patients.length > 1 && input.confirmedPatients !== shownOf(patients)) throw refuse('several-patients')
        const undoUntil = new Date(Date.now() + 10_000).toISOString()
        state.remembered = { twoFactor: input.terms.twoFactor, sendMail: input.terms.sendMail }
        const row: OutboxRow = {
          shareId: input.shareId,
          state: 'held',
          reason: null,
          waitingUntil: null,
          undoUntil,
          since: new Date().toISOString(),
          createdAt: new Date().toISOString(),
          createdBy: state.staff?.name ?? '',
          urgent: input.terms.urgent,
          patient: joinedValues(patients.map(({ PatientName }) => PatientName)),
          description: studies[0]?.StudyDescription ?? '',
          recipients: recipients.map((entry) => entry.name),
          instances,
          instancesPrepared: 0,
          bytesSent: 0,
          bytesTotal: 0,
          bytesPerSecond: null,
          position: state.outbox.length + 1,
        }
        if (!state.outbox.some((entry) => entry.shareId === row.shareId)) state.outbox = [...state.outbox, row]
        state.emit({ type: 'outbox' })
        return {
          shareId: input.shareId,
          state: 'held' as const,
          undoUntil,
          confirmation:
            `Shared: ${studies.map((study) => study.StudyDescription).join(', ')}\n` +
            `With: ${recipients.map((entry) => entry.name).join(', ')}`,
        }
      }),
      undo: os.sharing.undo.handler(({ input }) => {
        state.outbox = state.outbox.filter((row) => row.shareId !== input.shareId)
        state.emit({ type: 'outbox' })
        return ok
      }),
    },
    outbox: {
      list: os.outbox.list.handler(() => state.outbox),
      act: os.outbox.act.handler(({ input }) => {
        const row = state.outbox.find((entry) => entry.shareId === input.shareId)
        if (!row) throw refuse('share-not-found')
        const to = {
          pause: 'paused',
          resume: 'queued',
          retry: 'queued',
          cancel: 'cancelled',
          'send-now': 'queued',
          'move-up': row.state,
          'move-down': row.state,
        } as const
        const shift = input.action === 'move-up' ? -1.5 : input.action === 'move-down' ? 1.5 : 0
        const next: OutboxRow = { ...row, state: to[input.action], reason: null, position: row.position + shift }
        state.outbox = state.outbox
          .map((entry) => (entry.shareId === row.shareId ? next : entry))
          .sort((left, right) => left.position - right.position)
          .map((entry, index) => ({ ...entry, position: index + 1 }))
        state.emit({ type: 'outbox' })
        return next
      }),
    },
    shares: {
      list: os.shares.list.handler(({ input }) => {
        const rows = state.shares.filter(
          (share) =>
            (input.StudyInstanceUID === undefined ||
              share.studies.some((study) => study.StudyInstanceUID === input.StudyInstanceUID)) &&
            (input.state === undefined || share.recipients.some((recipient) => recipient.state === input.state)),
        )
        return { total: rows.length, rows: rows.slice(input.offset, input.offset + input.limit) }
      }),
      history: os.shares.history.handler(({ input }) => historyOf(state.shares, input.shareId)),
      withdraw: os.shares.withdraw.handler(({ input }) => {
        const now = new Date().toISOString()
        state.shares = state.shares.map((share) =>
          share.shareId === input.shareId
            ? {
                ...share,
                withdrawnAt: now,
                recipients: share.recipients.map((entry) => ({ ...entry, state: 'withdrawn' as const, stateAt: now })),
              }
            : share,
        )
        state.emit({ type: 'shares' })
        return ok
      }),
      unblock: os.shares.unblock.handler(({ input }) => {
        state.shares = state.shares.map((share) =>
          share.shareId === input.shareId
            ? {
                ...share,
                recipients: share.recipients.map((entry) =>
                  entry.recipientId === input.recipientId ? { ...entry, state: 'notified' as const } : entry,
                ),
              }
            : share,
        )
        state.emit({ type: 'shares' })
        return ok
      }),
    },
    audit: {
      list: os.audit.list.handler(({ input }) => ({
        total: state.audit.length,
        rows: state.audit.slice(input.offset, input.offset + input.limit),
      })),
      verify: os.audit.verify.handler(() => ({
        entries: state.audit.length,
        head: '5'.repeat(64),
        ok: state.online && state.scenario !== 'failed',
        finding: state.scenario === 'failed' ? 'rewritten' : state.online ? 'consistent' : 'not-compared',
        comparedWith: 'relay',
        reason: null,
        witnessed: {
          entries: Math.max(0, state.audit.length - 2),
          head: '5'.repeat(64),
          at: new Date(0).toISOString(),
        },
        notWitnessed: 2,
        notWitnessedSince: new Date(0).toISOString(),
        alarm: null,
      })),
    },
    connection: {
      state: os.connection.state.handler(() => ({
        online: state.online,
        relayUrl: 'https://relay.example.test',
        lastContact: new Date(Date.now() - (state.online ? 5_000 : 3_600_000)).toISOString(),
        reason: state.online ? null : 'offline',
        waiting: state.outbox.filter((row) => row.state === 'waiting').length,
      })),
    },
    settings: {
      get: os.settings.get.handler(() => state.settings),
      set: os.settings.set.handler(({ input }) => {
        state.settings = {
          ...state.settings,
          ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
        }
        state.emit({ type: 'settings' })
        return ok
      }),
    },
  })
}
