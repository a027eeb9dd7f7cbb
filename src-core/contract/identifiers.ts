/** Identifiers, languages and times, as all contracts write them. */
import { z } from 'zod'

/**
 * A DICOM unique identifier, at most 64 characters (PS3.5 section 9). It is kept as it is in the file, even if it is
 * invalid.
 */
export const Uid = z.string().min(1).max(128).brand<'Uid'>()
export type Uid = z.infer<typeof Uid>

export const Language = z.enum(['en', 'nl', 'fr', 'de'])
export type Language = z.infer<typeof Language>

/** An instant, ISO 8601 in UTC. */
export const Instant = z.iso.datetime().max(40)
/** A calendar day, YYYY-MM-DD. */
export const Day = z.iso.date()
/**
 * A version 4 UUID (RFC 9562). The program that creates a record also makes its id, so that a retried request carries
 * the same id.
 */
export const Id = z.uuid()
