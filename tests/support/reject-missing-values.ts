/** A setup file of vitest: in tests a template whose value is missing is an error. */
import { rejectMissingValues } from '../../src-core/messages/format-template.ts'

rejectMissingValues()
