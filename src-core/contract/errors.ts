/**
 * The catalog of error codes. Every error that leaves a program has a code of this list. Each code has a sentence in
 * resources/messages/<language>/errors.json that says what happened and what to do. Codes are kebab-case; the former
 * name of a renamed code stays readable (RENAMED).
 */
export const ERROR_CODES = [
  // Reading DICOM
  'file-unreadable',
  'file-empty',
  'not-dicom',
  'truncated',
  'bad-length',
  'nested-too-deep',
  'bad-element',
  'unsupported-transfer-syntax',
  'deflate-broken',
  'missing-uid',
  'media-directory',
  // Pixels
  'no-pixel-data',
  'bad-dimensions',
  'frame-out-of-range',
  'pixel-data-too-short',
  'unsupported-photometric',
  'unsupported-bits',
  'decode-failed',
  'decode-timeout',
  'decode-out-of-memory',
  'video',
  'window-width-too-small',
  'bad-lut',
  // De-identification
  'burned-in-annotation',
  'pixel-review-required',
  'encapsulated-document',
  'structured-report',
  'unknown-sop-class',
  'recognizable-features',
  'cannot-deidentify',
  'identifier-left',
  'pixels-not-intact',
  'frames-not-reviewed',
  // Library
  'folder-missing',
  'folder-not-readable',
  'study-not-found',
  'series-not-found',
  'instance-not-found',
  'file-changed',
  'file-gone',
  'file-unsettled',
  'superseded',
  'disk-full',
  // Import
  'import-source-gone',
  'import-nothing-found',
  'import-running',
  'import-not-found',
  'import-choice-missing',
  'identity-not-correctable',
  'archive-damaged',
  'archive-encrypted',
  'archive-unsafe',
  'archive-too-large',
  // Access and enrolment
  'not-opened',
  'not-signed-in',
  'wrong-credentials',
  'sign-in-needs-relay',
  'not-allowed',
  'not-enrolled',
  'already-enrolled',
  'wrong-enrolment-code',
  'secrets-locked',
  'wrong-passphrase',
  'secrets-damaged',
  'data-folder-in-use',
  'data-folder-of-another-user',
  'ledger-damaged',
  'data-from-newer-version',
  'organisation-key-on-relay',
  'organisation-recipient-missing',
  'file-exists',
  'file-not-writable',
  // Sharing
  'reason-required',
  'patient-not-agreed',
  'no-recipient',
  'recipient-unknown',
  'sender-unknown',
  'recipient-without-mobile',
  'recipient-without-email',
  'empty-selection',
  'several-patients',
  'validity-in-the-past',
  'validity-over-maximum',
  'unlimited-not-offered',
  'two-factor-required',
  'send-mail-required',
  'right-not-offered',
  'anonymize-required',
  'further-sharing-forbidden',
  'undo-lapsed',
  'share-not-found',
  'not-in-this-state',
  'directory-file-unreadable',
  // Transfer to the relay
  'offline',
  'relay-without-tls',
  'relay-refused',
  'relay-outdated',
  'relay-error',
  'audit-log-inconsistent',
  'relay-full',
  'revoked',
  'checksum-mismatch',
  'offset-mismatch',
  'upload-not-found',
  'receipt-mismatch',
  'expired-before-delivery',
  'package-damaged',
  'source-changed',
  'manifest-signature-wrong',
  // Gates
  'link-unknown',
  'link-expired',
  'session-ended',
  'otp-wrong',
  'otp-expired',
  'blocked',
  'otp-not-sent',
  // Requests
  'bad-request',
  'wrong-origin',
  'not-found',
  'too-large',
  'too-many-requests',
  'cancelled',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Codes that earlier versions stored, with their current names. */
const RENAMED: ReadonlyMap<string, ErrorCode> = new Map([
  ['needs-a-look', 'pixel-review-required'],
  ['not-all-seen', 'frames-not-reviewed'],
])

/** The current code for a stored or received text; `internal` for one that this version does not know. */
export function knownCode(code: string): ErrorCode {
  return RENAMED.get(code) ?? ERROR_CODES.find((current) => current === code) ?? 'internal'
}

/** An expected failure. Its code selects the sentence that the user reads. Its detail never holds patient data. */
export class OutpostError extends Error {
  readonly code: ErrorCode
  readonly detail: Readonly<Record<string, string | number | boolean>>
  constructor(code: ErrorCode, detail: Record<string, string | number | boolean> = {}, options?: { cause?: unknown }) {
    super(code, options as ErrorOptions)
    this.name = 'OutpostError'
    this.code = code
    this.detail = detail
  }
}

/** The error code of anything that was thrown; `internal` when it is not an OutpostError. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof OutpostError ? error.code : 'internal'
}
