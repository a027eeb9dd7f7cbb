/** Procedures of the group settings: preferences of the signed-in staff member. */
import { signedIn } from '../rpc-context.ts'

export const settingsProcedures = {
  get: signedIn.settings.get.handler(async ({ context: { services, who } }) => {
    const values = await services.storage.staff.preferences(who.staff.staffId)
    return {
      colorScheme: values.colorScheme ?? 'dark',
      language: values.language ?? who.language ?? who.enrolment.policy.defaultLanguage,
      glovesMode: values.glovesMode ?? false,
    }
  }),
  set: signedIn.settings.set.handler(async ({ input, context: { services, who } }) => {
    const { staffId, name, ...place } = who.actor
    await services.storage.staff.setPreferences(staffId, input, {
      at: services.host.now().toISOString(),
      actor: { kind: 'staff', id: staffId, name },
      ...place,
      action: 'settings',
      subject: staffId,
      detail: Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    })
    services.events.emit({ type: 'settings' })
    return { ok: true } as const
  }),
}
