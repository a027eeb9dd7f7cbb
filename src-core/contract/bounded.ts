/** Text and lists with a limit: every string and array of a contract is made of these, or states its own. */
import { z } from 'zod'

/** Lists that are read from a disk or a database: far above what is met, far below what exhausts memory. */
export const MANY = 1_000_000
/** Recipients of one share. */
export const MOST_RECIPIENTS = 200

/** Text that is refused when it is longer. */
export const text = (most: number) => z.string().max(most)

/**
 * Text that is cut when it is longer. It is for what is only shown: one file with an endless description must not make
 * a whole list unreadable.
 */
export const cutText = (most: number) =>
  z
    .string()
    .overwrite((value) => value.slice(0, most))
    .max(most)

/** Names of people, places and things. */
export const Name = text(200)
/** A value of a DICOM file as it is shown; PS3.5 6.2 allows less in almost every VR. */
export const DicomText = cutText(4096)
/** An error code of the catalog, or a word of another closed list that may grow. */
export const Code = text(64)

/**
 * A list in an answer whose elements may be of kinds that this program does not know yet: those are left out, and the
 * rest stands.
 */
export function knownOf<Element extends z.ZodType>(element: Element, most: number) {
  return z.preprocess(
    (value) => (Array.isArray(value) ? value.filter((each) => element.safeParse(each).success) : value),
    z.array(element).max(most),
  ) as unknown as z.ZodType<z.output<Element>[], z.input<Element>[]>
}
