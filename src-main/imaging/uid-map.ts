/** Pseudonyms that one workstation gives alike for ever, and that nobody without its key can undo or compare (D3). */
import { createHmac, createSecretKey } from 'node:crypto'

export interface Pseudonyms {
  /** 2.25 and 128 bits of HMAC-SHA-256 (PS3.5 B.2): 44 characters at most. */
  mapUid(uid: string): string
  /** Stands for PatientID with its issuer. */
  patientId(PatientID: string, IssuerOfPatientID: string): string
  /** Whole days, 30 to 3,679 back: one number per patient. */
  shiftDays(PatientID: string, IssuerOfPatientID: string): number
}

/** Remembered answers; a study of 10,000 images has about as many UIDs. */
const REMEMBERED = 50_000

/** @param key of the workstation, at least 32 random bytes, kept and backed up with its secrets: another key gives other pseudonyms */
export function pseudonyms(key: Uint8Array): Pseudonyms {
  if (key.length < 32) throw new RangeError('the key of the pseudonyms is too short')
  const known = new Map<string, string>()
  const secret = createSecretKey(key)
  const digest = (purpose: string, value: string): Buffer => createHmac('sha256', secret).update(`${purpose}\0${value}`).digest()
  const remembered = (purpose: string, value: string, make: (digest: Buffer) => string): string => {
    const name = `${purpose}\0${value}`
    let found = known.get(name)
    if (found === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      known.set(name, found = make(digest(purpose, value)))
    }
    return found
  }
  const patient = (PatientID: string, IssuerOfPatientID: string): string => `${IssuerOfPatientID.trim()}\0${PatientID.trim()}`
  return {
    mapUid: (uid) => remembered('uid', uid, (bytes) => `2.25.${BigInt(`0x${bytes.toString('hex', 0, 16)}`)}`),
    patientId: (PatientID, issuer) => remembered('patient', patient(PatientID, issuer), (bytes) => `ANON-${bytes.toString('hex', 0, 6).toUpperCase()}`),
    shiftDays: (PatientID, issuer) => Number(remembered('days', patient(PatientID, issuer), (bytes) => String(-30 - (bytes.readUInt32BE(0) % 3650)))),
  }
}
