/** Pseudonyms that stay the same on one workstation and cannot be reversed or compared without its key (D3). */
import { createHmac, createSecretKey } from 'node:crypto'

export interface Pseudonyms {
  /** A UID of the form 2.25 with 128 bits of HMAC-SHA-256 (PS3.5 B.2): at most 44 characters. */
  mapUid(uid: string): string
  /** Replaces PatientID with its issuer. @param key from patientKey */
  patientId(key: string): string
  /**
   * Whole days by which dates move back, 30 to 3,679; the same number for all dates of a patient. @param key from
   * patientKey
   */
  shiftDays(key: string): number
}

/** Size of the cache. A study of 10,000 images has about as many UIDs. */
const REMEMBERED = 50_000

/**
 * @param key of the workstation, at least 32 random bytes, kept and backed up with its secrets; another key gives other
 * pseudonyms
 */
export function pseudonyms(key: Uint8Array): Pseudonyms {
  if (key.length < 32) throw new RangeError('the key of the pseudonyms is too short')
  const secret = createSecretKey(key)
  /** Creates one kind of pseudonym from the digits of the value's HMAC, and caches the results. */
  const remembering = (purpose: string, make: (hex: string) => string): ((value: string) => string) => {
    const cached = new Map<string, string>()
    return (value) => {
      let pseudonym = cached.get(value)
      if (pseudonym === undefined) {
        if (cached.size >= REMEMBERED) cached.clear()
        cached.set(value, (pseudonym = make(createHmac('sha256', secret).update(`${purpose}\0${value}`).digest('hex'))))
      }
      return pseudonym
    }
  }
  const patientId = remembering('patient', (hex) => `ANON-${hex.slice(0, 12).toUpperCase()}`)
  const days = remembering('days', (hex) => String(-30 - (Number.parseInt(hex.slice(0, 8), 16) % 3650)))
  return {
    mapUid: remembering('uid', (hex) => `2.25.${BigInt(`0x${hex.slice(0, 32)}`)}`),
    patientId,
    shiftDays: (key) => Number(days(key)),
  }
}
