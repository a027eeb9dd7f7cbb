/** The roles of staff. The organisation's administrator gives permissions by role (W8). */
import { z } from 'zod'

export const ROLES = ['front-desk', 'technologist', 'physician', 'administrator'] as const

export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>
