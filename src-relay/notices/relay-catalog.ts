/** The texts of the relay's own pages and text messages, from resources/messages/<language>/relay.json. */
import { z } from 'zod'
import { catalogLoader } from '../../src-engine/messages/load-catalog.ts'

const RelayCatalog = z.object({
  oneTimePassword: z.string(),
  notFoundTitle: z.string(),
  notFoundText: z.string(),
  expiredTitle: z.string(),
  expiredText: z.string(),
  expiredContact: z.string(),
  noPages: z.string(),
  outboxTitle: z.string(),
  outboxText: z.string(),
  outboxEmpty: z.string(),
})

export const loadRelayCatalog = catalogLoader('relay', RelayCatalog)
