/**
 * The session of this workstation: one person at a time, signed in by name and password, also without a connection
 * (W8).
 */
import type { AuditAction, AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import type { StaffView } from '../../src-core/contract/shares.ts'
import { IDLE_END_MS } from '../../src-core/contract/workstation.ts'
import type { OrganisationState, StaffRecord } from '../../src-core/contract/relay.ts'
import { mayDo, type StaffAction } from '../../src-core/permissions/staff-actions.ts'
import type { Events } from '../ports/services.ts'
import { howActed, type Actor } from '../ports/records.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import type { Storage } from '../storage/open-storage.ts'
import { SerialTries } from './serial-tries.ts'
import type { StaffPasswords } from './staff-passwords.ts'

/** A signed-in staff member with the data that every record of their acts needs. */
export interface SignedIn {
  readonly staff: StaffView
  readonly actor: Actor
  readonly enrolment: KnownEnrolment
  /** The staff member's own language, where one is set. */
  readonly language: StaffRecord['language']
}

export interface SessionOptions {
  readonly storage: Pick<Storage, 'staff' | 'audit'>
  readonly passwords: StaffPasswords
  readonly events: Events
  readonly now: () => Date
  /** Waits that many milliseconds; replaced in tests. */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** The one signed-in session. It belongs to the browser in which the person signed in. */
interface Seat {
  signedIn: (SignedIn & { readonly browser: string }) | null
  /** Time of the last request from that browser, ms since 1970. */
  lastUse: number
  readonly tries: SerialTries
}

/** Browser id on a host with only one window. */
const THE_WINDOW = 'window'
/** Subject of tries at an unknown name and at the passphrase of the secrets. Staff have subjects of their own ids. */
const UNKNOWN_NAME = 'name: unknown'
const SECRETS = 'passphrase of secrets'

export class StaffSession {
  readonly #options: SessionOptions
  readonly #browser: string
  readonly #seat: Seat

  constructor(options: SessionOptions, browser = THE_WINDOW, seat?: Seat) {
    this.#options = options
    this.#browser = browser
    this.#seat = seat ?? { signedIn: null, lastUse: 0, tries: new SerialTries(options) }
  }

  /** The session as another browser sees it: a person is signed in only in the browser in which they signed in. */
  from(browser: string = THE_WINDOW): StaffSession {
    return new StaffSession(this.#options, browser, this.#seat)
  }

  /**
   * Called for each request. A session without requests for too long is ended first; otherwise its time is extended.
   */
  async used(): Promise<this> {
    await this.endIdle()
    if (this.#here) this.#seat.lastUse = this.#options.now().getTime()
    return this
  }

  /** Ends a session without requests for too long, also after its tab was closed (W8). */
  async endIdle(): Promise<void> {
    if (this.#options.now().getTime() - this.#seat.lastUse >= IDLE_END_MS) await this.#leave()
  }

  /** Opens the secrets with a typed passphrase. @error wrong-passphrase, too-many-requests */
  async unlock(open: () => Promise<void>): Promise<void> {
    await this.#seat.tries.run(SECRETS, open)
  }

  get #here(): SignedIn | null {
    return this.#seat.signedIn?.browser === this.#browser ? this.#seat.signedIn : null
  }

  current(): StaffView | null {
    return this.#here?.staff ?? null
  }

  /** @error not-signed-in */
  require(): SignedIn {
    const signedIn = this.#here
    if (!signedIn) throw new OutpostError('not-signed-in')
    return signedIn
  }

  /** @error not-signed-in, not-allowed when the role may not */
  requireFor(action: StaffAction): SignedIn {
    const signedIn = this.require()
    requireRole(signedIn, action)
    return signedIn
  }

  /** @error not-enrolled, wrong-credentials, sign-in-needs-relay, relay-outdated, too-many-requests */
  async signIn(name: string, password: string): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const typed = plainName(name)
    const named = (await this.#options.storage.staff.staff()).filter((member) => plainName(member.name) === typed)
    const [first] = named
    try {
      const member = await this.#seat.tries.run(first?.staffId ?? UNKNOWN_NAME, () =>
        this.#whoFits(named, password, enrolment),
      )
      return await this.#begin(member, enrolment)
    } catch (error) {
      // A name that no staff member has is not stored: it may be a password that was typed into the wrong field.
      if (codeOf(error) === 'wrong-credentials')
        await this.#options.storage.audit.append(
          this.#entry('sign-in-refused', enrolment, { staffId: first?.staffId ?? 'unknown', name: first?.name ?? '' }),
        )
      throw error
    }
  }

  /**
   * Signs in a technologist, the main role at a workstation, in a demonstration with invented data.
   * @error not-enrolled, not-allowed
   */
  async signInDemonstration(): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const staff = await this.#options.storage.staff.staff()
    const member = staff.find(({ role }) => role === 'technologist') ?? staff[0]
    if (!enrolment.demonstration || !member) throw new OutpostError('not-allowed')
    return this.#begin(member, enrolment)
  }

  /**
   * Acts for a staff member on the command line. No password is needed, because only the owner of the data folder can
   * run the command. The log names the operating system's user, and records no sign-in of the staff member.
   * @error not-enrolled, wrong-credentials
   */
  async actAs(staff: string, systemUser: string): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const member = (await this.#options.storage.staff.staff()).find(
      (each) => each.staffId === staff || plainName(each.name) === plainName(staff),
    )
    if (!member) throw new OutpostError('wrong-credentials')
    return this.#begin(member, enrolment, systemUser)
  }

  async signOut(): Promise<void> {
    if (this.#here) await this.#leave()
  }

  /** Stores policy and staff from the relay, and signs out a person who is no longer among the staff (W18). */
  async applyOrganisation(organisation: OrganisationState): Promise<void> {
    const before = await this.#options.storage.staff.staff()
    await this.#options.storage.staff.updateOrganisation(organisation)
    const staying = new Set(organisation.staff.map(({ staffId }) => staffId))
    for (const { staffId } of before) if (!staying.has(staffId)) await this.#options.passwords.forget(staffId)
    const { signedIn } = this.#seat
    if (!signedIn) return
    const member = organisation.staff.find((colleague) => colleague.staffId === signedIn.staff.staffId)
    if (!member) return this.#leave()
    const { browser, actor } = signedIn
    this.#seat.signedIn = {
      ...signedInAs(member, { ...signedIn.enrolment, policy: organisation.policy }, actor.systemUser),
      browser,
    }
  }

  /** @error wrong-credentials, sign-in-needs-relay, relay-outdated, too-many-requests */
  async #whoFits(named: readonly StaffRecord[], password: string, enrolment: KnownEnrolment): Promise<StaffRecord> {
    for (const member of named)
      if (await this.#options.passwords.fits(member.staffId, password, enrolment)) return member
    throw new OutpostError('wrong-credentials')
  }

  async #begin(member: StaffRecord, enrolment: KnownEnrolment, systemUser?: string): Promise<StaffView> {
    if (this.current()?.staffId !== member.staffId) await this.#leave()
    const signedIn = signedInAs(member, enrolment, systemUser)
    this.#seat.signedIn = { ...signedIn, browser: this.#browser }
    this.#seat.lastUse = this.#options.now().getTime()
    await this.#options.storage.audit.append(this.#entry('sign-in', enrolment, signedIn.actor))
    this.#options.events.emit({ type: 'session' })
    return signedIn.staff
  }

  /** Ends the session of the signed-in staff member, in every browser. */
  async #leave(): Promise<void> {
    const { signedIn } = this.#seat
    if (!signedIn) return
    this.#seat.signedIn = null
    await this.#options.storage.audit.append(this.#entry('sign-out', signedIn.enrolment, signedIn.actor))
    this.#options.events.emit({ type: 'session' })
  }

  async #enrolment(): Promise<KnownEnrolment> {
    const enrolment = await this.#options.storage.staff.enrolment()
    if (!enrolment) throw new OutpostError('not-enrolled')
    return enrolment
  }

  #entry(
    action: AuditAction,
    enrolment: KnownEnrolment,
    member: Pick<Actor, 'staffId' | 'name' | 'systemUser'>,
  ): AuditEntry {
    const { staffId, name, systemUser } = member
    return {
      at: this.#options.now().toISOString(),
      action,
      actor:
        systemUser === undefined
          ? { kind: 'staff', id: staffId, name }
          : { kind: 'program', id: 'outpost', name: 'Outpost' },
      ...tenantOf(enrolment),
      subject: staffId,
      detail: howActed(member),
    }
  }
}

/** @error not-allowed when the role may not */
export function requireRole({ staff }: Pick<SignedIn, 'staff'>, action: StaffAction): void {
  if (!mayDo(staff.role, action)) throw new OutpostError('not-allowed', { action })
}

function signedInAs(
  { staffId, name, role, language }: StaffRecord,
  enrolment: KnownEnrolment,
  systemUser?: string,
): SignedIn {
  const by = systemUser === undefined ? {} : { systemUser }
  return {
    staff: { staffId, name, role },
    enrolment,
    language,
    actor: { staffId, name, ...tenantOf(enrolment), ...by },
  }
}

/** Organisation, department and workstation of an act, for every record. */
export function tenantOf(enrolment: KnownEnrolment): Pick<Actor, 'organisationId' | 'departmentId' | 'workstationId'> {
  return {
    organisationId: enrolment.organisation.organisationId,
    departmentId: enrolment.department.departmentId,
    workstationId: enrolment.workstation.workstationId,
  }
}

function plainName(name: string): string {
  return name.normalize('NFC').trim().toLocaleLowerCase()
}
