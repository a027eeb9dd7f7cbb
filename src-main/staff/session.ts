/** Who sits at this workstation: one seat, signed in by name and password, without a connection too (W8). */
import { setTimeout } from 'node:timers/promises'
import { verify } from '@node-rs/argon2'
import type { AuditAction, AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { StaffView } from '../../src-core/contract/models.ts'
import type { OrganisationState, StaffRecord } from '../../src-core/contract/relay.ts'
import { mayDo, type StaffAction } from '../../src-core/sharing/roles.ts'
import type { Events } from '../app/services.ts'
import type { Actor } from '../sharing/records.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-book.ts'
import type { Storage } from '../storage/open-storage.ts'

/** A signed-in staff member with what every record of their acts needs. */
export interface SignedIn {
  readonly staff: StaffView
  readonly actor: Actor
  readonly enrolment: KnownEnrolment
  /** Their own language where they have one. */
  readonly language: StaffRecord['language']
}

export interface SessionOptions {
  readonly storage: Pick<Storage, 'staff' | 'audit'>
  readonly events: Events
  readonly now: () => Date
  /** Waits that many milliseconds; replaced in tests. */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** Refusals in a row after which each further try waits longer, so that passwords cannot be guessed at the seat. */
const FREE_TRIES = 5
const LONGEST_WAIT_MS = 30_000

/** Argon2id of nothing anyone types: a name that nobody has takes as long to refuse as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$8WKXuP2g4iJpZoEC9idhdw$sWhJh9mn7iR8is9PXwQkveXLs6Atiuw3EedoTRByHmI'

/** The one seat. It belongs to the browser from which somebody signed in. */
interface Seat {
  signedIn: (SignedIn & { readonly browser: string }) | null
  refused: number
}

/** Where a host has one window only. */
const THE_WINDOW = 'window'

export class StaffSession {
  readonly #options: SessionOptions
  readonly #browser: string
  readonly #seat: Seat

  constructor(options: SessionOptions, browser = THE_WINDOW, seat: Seat = { signedIn: null, refused: 0 }) {
    this.#options = options
    this.#browser = browser
    this.#seat = seat
  }

  /** The same seat as another browser sees it: only where somebody signed in are they signed in. */
  from(browser: string = THE_WINDOW): StaffSession {
    return new StaffSession(this.#options, browser, this.#seat)
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
    if (!mayDo(signedIn.staff.role, action)) throw new OutpostError('not-allowed', { action })
    return signedIn
  }

  /** @error not-enrolled, wrong-credentials */
  async signIn(name: string, password: string): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const waitMs = Math.min(1000 * 2 ** (this.#seat.refused - FREE_TRIES), LONGEST_WAIT_MS)
    if (this.#seat.refused >= FREE_TRIES) await (this.#options.wait ?? setTimeout)(waitMs)
    const typed = plainName(name)
    const named = (await this.#options.storage.staff.staff()).filter((member) => plainName(member.name) === typed)
    for (const member of named)
      if (await passwordFits(member.passwordHash, password)) return this.#begin(member, enrolment)
    if (named.length === 0) await passwordFits(NOBODY, password)
    this.#seat.refused++
    // Of a name that is nobody's nothing is kept: it may be a password typed into the wrong field.
    await this.#options.storage.audit.append(
      this.#entry('sign-in-refused', enrolment, {
        staffId: named[0]?.staffId ?? 'unknown',
        name: named[0]?.name ?? '',
      }),
    )
    throw new OutpostError('wrong-credentials')
  }

  /**
   * A technologist, for whom the workstation is first of all, where everyone is invented. @error not-enrolled,
   * not-allowed
   */
  async signInDemonstration(): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const staff = await this.#options.storage.staff.staff()
    const member = staff.find(({ role }) => role === 'technologist') ?? staff[0]
    if (!enrolment.demonstration || !member) throw new OutpostError('not-allowed')
    return this.#begin(member, enrolment)
  }

  /**
   * For a command line: whoever runs it has the data folder, and is named in the log. @error not-enrolled,
   * wrong-credentials
   */
  async signInAs(staff: string): Promise<StaffView> {
    const enrolment = await this.#enrolment()
    const member = (await this.#options.storage.staff.staff()).find(
      (each) => each.staffId === staff || plainName(each.name) === plainName(staff),
    )
    if (!member) throw new OutpostError('wrong-credentials')
    return this.#begin(member, enrolment)
  }

  async signOut(): Promise<void> {
    if (this.#here) await this.#leave()
  }

  /** Takes over policy and staff from the relay; who is no longer among them is signed out (W18). */
  async applyOrganisation(organisation: OrganisationState): Promise<void> {
    await this.#options.storage.staff.updateOrganisation(organisation)
    const { signedIn } = this.#seat
    if (!signedIn) return
    const member = organisation.staff.find((each) => each.staffId === signedIn.staff.staffId)
    if (!member) return this.#leave()
    this.#seat.signedIn = {
      ...signedInAs(member, { ...signedIn.enrolment, policy: organisation.policy }),
      browser: signedIn.browser,
    }
  }

  async #begin(member: StaffRecord, enrolment: KnownEnrolment): Promise<StaffView> {
    if (this.current()?.staffId !== member.staffId) await this.#leave()
    this.#seat.refused = 0
    const signedIn = signedInAs(member, enrolment)
    this.#seat.signedIn = { ...signedIn, browser: this.#browser }
    await this.#options.storage.audit.append(this.#entry('sign-in', enrolment, member))
    this.#options.events.emit({ type: 'session' })
    return signedIn.staff
  }

  /** Whoever sits there leaves the seat, from whichever browser. */
  async #leave(): Promise<void> {
    const { signedIn } = this.#seat
    if (!signedIn) return
    this.#seat.signedIn = null
    await this.#options.storage.audit.append(this.#entry('sign-out', signedIn.enrolment, signedIn.staff))
    this.#options.events.emit({ type: 'session' })
  }

  async #enrolment(): Promise<KnownEnrolment> {
    const enrolment = await this.#options.storage.staff.enrolment()
    if (!enrolment) throw new OutpostError('not-enrolled')
    return enrolment
  }

  #entry(action: AuditAction, enrolment: KnownEnrolment, member: { staffId: string; name: string }): AuditEntry {
    return {
      at: this.#options.now().toISOString(),
      action,
      actor: { kind: 'staff', id: member.staffId, name: member.name },
      ...placeOf(enrolment),
      subject: member.staffId,
      detail: {},
    }
  }
}

function signedInAs({ staffId, name, role, language }: StaffRecord, enrolment: KnownEnrolment): SignedIn {
  return { staff: { staffId, name, role }, enrolment, language, actor: { staffId, name, ...placeOf(enrolment) } }
}

/** Where it happened, on every record. */
export function placeOf(enrolment: KnownEnrolment): Pick<Actor, 'organisationId' | 'departmentId' | 'workstationId'> {
  return {
    organisationId: enrolment.organisation.organisationId,
    departmentId: enrolment.department.departmentId,
    workstationId: enrolment.workstation.workstationId,
  }
}

function plainName(name: string): string {
  return name.normalize('NFC').trim().toLocaleLowerCase()
}

async function passwordFits(hash: string, password: string): Promise<boolean> {
  try {
    return await verify(hash, password)
  } catch {
    return false
  }
}
