/** Stores the terms of a share in one column, so that a new term needs no migration. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // The validity of earlier shares is derived from their end: the last included day, in the department's time zone.
  await sql`
    ALTER TABLE share ADD COLUMN terms jsonb;
    UPDATE share SET terms = jsonb_build_object(
      'urgent', urgent,
      'anonymize', anonymized,
      'furtherSharing', further_sharing,
      'sendMail', EXISTS (
        SELECT FROM notice JOIN share_grant USING (grant_id)
        WHERE share_grant.share_id = share.share_id AND kind = 'mail-of-share'
      ),
      'validity', CASE WHEN expires_at IS NULL THEN jsonb_build_object('kind', 'unlimited') ELSE jsonb_build_object(
        'kind', 'until', 'day', to_char(
          (expires_at - interval '1 millisecond') AT TIME ZONE coalesce(department.policy ->> 'timeZone', 'UTC'),
          'YYYY-MM-DD'
        )
      ) END
    ) FROM department WHERE department.department_id = share.department_id;
    ALTER TABLE share ALTER COLUMN terms SET NOT NULL,
      DROP COLUMN urgent, DROP COLUMN anonymized, DROP COLUMN further_sharing;
  `.execute(db)
}
