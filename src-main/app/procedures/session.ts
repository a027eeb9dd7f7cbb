/** Procedures of the group session: who is signed in here, and to which department this workstation belongs. */
import { enrolWorkstation } from '../../staff/enrol.ts'
import { os } from '../rpc-context.ts'

const done = { ok: true } as const

export const sessionProcedures = {
  current: os.session.current.handler(async ({ context }) => {
    const { host, session, storage } = context.services
    const [enrolment, staff] = await Promise.all([storage.staff.enrolment(), storage.staff.staff()])
    const { backend, locked, firstUse } = host.secrets
    return {
      staff: session.current(),
      known: staff.map(({ staffId, name, role }) => ({ staffId, name, role })),
      enrolled: enrolment !== null,
      organisation: enrolment?.organisation.name ?? '',
      department: enrolment?.department.name ?? '',
      workstation: enrolment?.workstation.name ?? '',
      secrets: { backend, locked, firstUse },
      demonstration: enrolment?.demonstration ?? false,
      canBrowseFolders: host.canBrowseFolders,
    }
  }),
  signIn: os.session.signIn.handler(({ input, context }) =>
    context.services.session.signIn(input.name, input.password),
  ),
  signInDemonstration: os.session.signInDemonstration.handler(({ context }) =>
    context.services.session.signInDemonstration(),
  ),
  signOut: os.session.signOut.handler(async ({ context }) => {
    await context.services.session.signOut()
    return done
  }),
  pageFailed: os.session.pageFailed.handler(({ input, context }) => {
    context.services.pageFailed(input)
    return done
  }),
  unlockSecrets: os.session.unlockSecrets.handler(async ({ input, context }) => {
    const { host, events, session, sync } = context.services
    await session.unlock(() => host.secrets.unlock(input.passphrase))
    events.emit({ type: 'session' })
    // Items that waited for the secrets can continue.
    sync.kick()
    return done
  }),
  enroll: os.session.enroll.handler(async ({ input, context }) => {
    const { services } = context
    const enrolled = await enrolWorkstation(services, input.relayUrl, input.code)
    services.events.emit({ type: 'session' })
    services.sync.kick()
    return enrolled
  }),
}
