/** The roles of staff, by which the organisation's administrator gives permissions (W8). */
import { z } from 'zod'

export const ROLES = ['front-desk', 'technologist', 'physician', 'administrator'] as const

export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>
