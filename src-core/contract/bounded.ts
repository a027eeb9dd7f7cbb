/** Text and lists with a limit. Every string and array of a contract uses these, or states its own limit. */
import { z } from 'zod'

/**
 * The limit of lists that are read from a disk or a database. Real lists are far shorter, and memory is enough for this
 * many elements.
 */
export const MAX_LIST_LENGTH = 1_000_000
/** The maximum number of recipients of one share. */
export const MAX_RECIPIENTS = 200

/** Text that is refused when it is too long. */
export const text = (maximum: number) => z.string().max(maximum)

/**
 * Text that is cut when it is too long. It is used for text that is only displayed, so that one file with an endless
 * description does not make a whole list unreadable.
 */
export const cutText = (maximum: number) =>
  z
    .string()
    .overwrite((value) => value.slice(0, maximum))
    .max(maximum)

/** The name of a person, a place or a thing. */
export const Name = text(200)
/** A displayed value of a DICOM file. PS3.5 6.2 allows less in almost every VR. */
export const DicomText = cutText(4096)
/** An error code of the catalog, or a word of another closed list that may grow. */
export const Code = text(64)

/**
 * A list in an answer that may have elements of kinds that this program does not know yet. Those are left out, and the
 * others are kept.
 */
export function listOfKnown<Element extends z.ZodType>(element: Element, maximum: number) {
  return z.preprocess(
    (value) => (Array.isArray(value) ? value.filter((candidate) => element.safeParse(candidate).success) : value),
    z.array(element).max(maximum),
  ) as unknown as z.ZodType<z.output<Element>[], z.input<Element>[]>
}
