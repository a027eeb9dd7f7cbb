// Rules that the product stands for, each switched off by one small change of the code: the named test must turn red.
// Row: requirement, file, exact code (there once), what to put instead, test file, and which of its tests to run (absent: those whose title names the requirement).

const terms = 'src-core/sharing/terms.ts'
const termsTest = 'src-core/sharing/terms.test.ts'
const notice = 'src-core/sharing/notice.ts'
const noticeTest = 'src-core/sharing/notice.test.ts'
const gate = 'src-core/deidentify/gate.ts'
const gateTest = 'src-core/deidentify/gate.test.ts'
const ledger = 'src-main/storage/ledger/share-ledger.ts'
const ledgerTest = 'src-main/storage/ledger/share-ledger.test.ts'
const share = 'src-main/sharing/share-studies.ts'
const shareTest = 'src-main/sharing/share-studies.test.ts'
const nothing = 'void 0'

export const rules = [
  ['W1', 'src-main/library/library.ts', 'rows: rows.map(({ folderId, name, code }) => ({ folderId, name, code }))', 'rows', 'src-main/library/library.test.ts', 'W1: unreadable'],
  ['W1', 'src-main/library/library.ts', "const shown = missing ? 'missing' : paused", 'const shown = paused', 'src-main/library/library.test.ts', 'W1: a folder that is gone'],
  ['W2', 'src-main/storage/index/study-query.ts', "query.descending ? 'DESC' : 'ASC'", "'DESC'", 'src-main/library/library.test.ts'],
  ['W2', 'src-main/storage/index/study-query.ts', "if (query.dateFrom) add('study.StudyDate >= ?', query.dateFrom)", nothing, 'src-main/library/library.test.ts'],
  ['W2', 'src-main/storage/index/search-words.ts', ".join(' ') : null", ".join(' OR ') : null", 'src-main/library/library.test.ts'],
  ['W3', 'src-engine/decode/decode-fragment.ts', 'if (header && (header.Rows !== Rows || header.Columns !== Columns))', 'if (header && false)', 'src-engine/decode/decode-fragment.test.ts'],
  ['W3', 'src-engine/decode/decode-fragment.ts', "case 'video': throw new OutpostError('video', { TransferSyntaxUID })", '', 'src-engine/decode/decode-fragment.test.ts'],
  ['W6', ledger, 'return this.#database.inTransaction ? work() : this.#database.transaction(work).immediate()', 'return work()', ledgerTest],
  ['W6', 'src-core/sharing/transition.ts', 'return RUNNING.includes(state) ? ready(item, item.step, now) : item', 'return item', 'src-core/sharing/transition.test.ts'],
  ['W6', 'src-main/storage/database.ts', "options.durability === 'full' ? 'FULL' : 'NORMAL'", "'NORMAL'", 'src-main/storage/open-storage.test.ts'],
  ['W7', 'src-main/storage/ledger/migrations/0001-audit.ts', "CREATE TRIGGER audit_entry_never_changes BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;", '', 'src-main/storage/ledger/audit-log.test.ts'],
  ['W7', 'src-main/storage/ledger/audit-log.ts', 'row.leafHash.compare(leaf) !== 0', 'false', 'src-main/storage/ledger/audit-log.test.ts'],
  ['W7', ledger, "this.#log(shareId, createdAt, 'share', staff(actor), {", "void ({", ledgerTest],
  ['W9', 'src-main/secrets/sealed-file.ts', 'await replaceFile(this.#path, JSON.stringify(file))', 'await replaceFile(this.#path, JSON.stringify({ ...file, plain: Object.fromEntries(values) }))', 'src-main/secrets/secrets.test.ts'],
  ['W9', 'src-main/secrets/open-secrets.ts', 'existsSync(path) ? null : keychain === undefined', 'existsSync(path) ? null : keychain !== null', 'src-main/secrets/secrets.test.ts'],
  ['W10', 'src-main/app/log.ts', "say('code', known.code, (text) => CODES.has(text))", "say('code', known.code, () => true)", 'src-main/app/log.test.ts'],
  ['W10', 'src-main/app/log.ts', "if (!(error instanceof Error)) return 'error=[redacted]'", 'if (!(error instanceof Error)) return `error=${error}`', 'src-main/app/log.test.ts'],
  ['W10', 'src-main/app/log.ts', "return `error=${kind}", "return `error=${error.message} ${kind}", 'src-main/app/log.test.ts'],
  ['W15', share, 'if (patients > 1)', 'if (patients > 99)', shareTest],
  ['W15', 'src-main/sharing/prepare-instance.ts', 'if (!sameState(await file.stat(), instance)) throw', 'if (false) throw', 'tests/integration/wrong-patient.test.ts', 'has grown'],
  ['W15', 'src-main/sharing/prepare-instance.ts', 'if (text(header.dataset, TAG.SOPInstanceUID) !== instance.SOPInstanceUID) throw', 'if (false) throw', 'tests/integration/wrong-patient.test.ts', 'another patient'],
  ['U1', 'src-main/storage/index/index-reader.ts', '.filter((instance) => !leftOut.has(instance.SOPInstanceUID))', '', 'src-main/library/library.test.ts'],
  ['U1', 'src-main/storage/index/index-reader.ts', 'const keys = series?.map((SeriesInstanceUID) => this.seriesKey(StudyInstanceUID, SeriesInstanceUID))\n        ??', 'const keys =', 'src-main/library/library.test.ts'],
  ['U1', 'src-main/storage/index/index-reader.ts', '.filter((instance) => !leftOut.has(instance.SOPInstanceUID))', '', 'tests/integration/wrong-patient.test.ts', 'U1 S4'],
  ['U2', 'src-main/storage/ledger/favourites.ts', 'WHERE staffId = ? ORDER BY since, recipientId', 'WHERE staffId = ? ORDER BY recipientId', 'src-main/app/procedures/procedures.test.ts'],
  ['U2', 'src-main/app/procedures/directory.ts', 'if (input.favourite && (await', 'if (false && (await', 'src-main/app/procedures/procedures.test.ts'],
  ['U3', 'src-core/directory/search-words.ts', 'if (entry.mobilePublic && entry.mobile)', 'if (entry.mobile)', 'src-main/storage/directory/directory-index.test.ts'],
  ['U3', 'src-core/directory/search-words.ts', 'for (const number of entry.numbers) words.add(bareNumber(number.value))', '', 'src-main/storage/directory/directory-index.test.ts'],
  ['U5', terms, "if (recipients.length === 0) refuse('no-recipient')", nothing, termsTest],
  ['U5', share, "if (unknown !== undefined) throw new OutpostError('recipient-unknown', { recipientId: unknown })", nothing, shareTest],
  ['U6', ledger, "if (before.state === 'held' && after.state === 'queued') this.#favourites", "if (before.state === 'held') this.#favourites", ledgerTest],
  ['U7', terms, "refuse('recipient-without-mobile', recipient.recipientId)", nothing, termsTest],
  ['U7', 'src-relay/gates/one-time-password.ts', 'timingSafeEqual(codeHash(relay, grant.grantId, live.salt, code), live.code_hash)', 'true', 'tests/integration/relay-gates.test.ts'],
  ['U8', 'src-relay/gates/one-time-password.ts', 'export const TRIES = 5', 'export const TRIES = 6', 'tests/integration/relay-gates.test.ts'],
  ['U9', notice, 'return exam.initials === \'\' ? text : `${exam.initials} · ${text}`', 'return text', noticeTest],
  ['U9', notice, '`${catalog.open}\\n${input.link}`', 'catalog.open', noticeTest],
  ['U10', terms, "if (!policy.rights.includes(terms.right)) refuse('right-not-offered')", nothing, termsTest],
  ['U11', terms, "if (terms.reason.trim() === '') refuse('reason-required')", nothing, termsTest],
  ['U11', ledger, "if (terms.reason.trim() === '') throw new OutpostError('reason-required')", nothing, ledgerTest],
  ['U12', 'src-core/sharing/mail-language.ts', 'count * 2 > recipients.length', 'count * 2 >= recipients.length', 'src-core/sharing/mail-language.test.ts'],
  ['U13', terms, "if (endOfDay(day, policy.timeZone) <= now) return ['validity-in-the-past']", nothing, termsTest],
  ['U13', terms, "? ['validity-over-maximum'] : []", '? [] : []', termsTest],
  ['U13', ledger, "if (endOfDay(day, timeZone).toISOString() <= now)", 'if (false)', ledgerTest],
  ['U13', 'src-relay/shares/settle-terms.ts', "if (end !== null && end <= deliveredAt) throw new OutpostError('expired-before-delivery')", nothing, 'tests/integration/relay-share.test.ts'],
  ['U14', terms, "if (!terms.patientAgreed) refuse('patient-not-agreed')", nothing, termsTest],
  ['U14', ledger, "if (!terms.patientAgreed) throw new OutpostError('patient-not-agreed')", nothing, ledgerTest],
  ['U16', 'src-main/storage/ledger/outbox-table.ts', 'urgent DESC, ', '', ledgerTest],
  ['U16', notice, 'input.urgent ? catalog.subjectUrgent : catalog.subject', 'catalog.subject', noticeTest],
  ['U17', 'src-relay/dicomweb/granted-package.ts', 'return entry.report !== true || !grant.anonymized', 'return true', 'tests/integration/relay-images.test.ts'],
  ['U17', notice, 'instances: known.instances + 1 } : anonymize', 'instances: known.instances + 1 } : false', noticeTest],
  ['U19', notice, "input.message.trim() === '' ? ''", "true ? ''", noticeTest],
  ['U20', share, "policy.twoFactor === 'required' || remembered[REMEMBERED.twoFactor] !== false", 'remembered[REMEMBERED.twoFactor] !== false', shareTest],
  ['U20', share, '[REMEMBERED.sendMail]: terms.sendMail }', '[REMEMBERED.sendMail]: true }', shareTest],
  ['U21', 'src-core/sharing/confirmation.ts', "[words.recipients, input.recipients.join('; ')],", '', noticeTest],
  ['S1', 'src-main/storage/ledger/outbox-table.ts', 'urgent DESC, ', '', ledgerTest],
  ['S1', 'src-main/sync/runner.ts', "if (item.waitingUntil === null || item.waitingUntil <= now) await apply(item, { type: 'ready' })", nothing, 'tests/integration/sync.test.ts', 'S1: what waits for its time'],
  ['S1', 'src-core/sharing/transition.ts', "return state === 'waiting' ? ready(item, item.step, now) : refuse(item, event)", 'return refuse(item, event)', 'tests/integration/sync.test.ts', 'S1: made without'],
  ['S3', ledger, 'if (this.#shares.exists(shareId)) return this.#outbox.get(shareId)', nothing, ledgerTest],
  ['S3', 'src-relay/shares/confirm.ts', 'if (share === undefined) return null', 'return null', 'tests/integration/relay-share.test.ts'],
  ['D5', gate, "if (instance.BurnedInAnnotation.trim().toUpperCase() === 'YES') return 'burned-in-annotation'", nothing, gateTest],
  ['D5', gate, "if (kind === 'look' ||", 'if (', gateTest],
  ['D5', 'src-core/deidentify/deidentify.ts', 'if (refusal && !(liftedByALook(refusal) && (context.lookedAt || painted))) throw', 'if (refusal && !liftedByALook(refusal)) throw', 'src-core/deidentify/deidentify.test.ts'],
  ['D6', gate, "if (kind === 'document') return 'encapsulated-document'", nothing, gateTest],
  ['D6', gate, "if (kind === null) return 'unknown-sop-class'", 'if (kind === null) return null', gateTest],
  ['D6', 'src-core/deidentify/deidentify.ts', 'if (refusal && !(liftedByALook(refusal) && (context.lookedAt || painted))) throw', 'if (refusal && !(context.lookedAt || painted)) throw', 'src-core/deidentify/deidentify.test.ts'],
  ['D7', 'src-main/imaging/deidentify-command.ts', 'run.patients.get(patient) ?? run.patients.size + 1', 'run.patients.size + 1', 'src-main/imaging/deidentify-command.test.ts'],
  ['D7', 'src-core/deidentify/deidentify.ts', "put(TAG.PatientName, 'PN', context.patientName)", nothing, 'src-core/deidentify/deidentify.test.ts'],
].map(([requirement, file, find, replace, test, title]) => ({ requirement, file, find, replace, test, title: title ?? `\\b${requirement}\\b` }))
