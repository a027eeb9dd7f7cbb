/**
 * The mark that the list of studies shows for the shares of each study. Every transition updates it; the index reads it
 * through ATTACH.
 */
import type Database from 'better-sqlite3'

/** States that need attention outweigh successful ones. Cancelled, withdrawn and expired shares leave no mark. */
const MARK_OF_SHARE = `CASE
  WHEN share.withdrawnAt IS NOT NULL OR outbox.state = 'cancelled' OR outbox.state = 'delivered'
    AND share.expiresAt IS NOT NULL AND share.expiresAt <= :now THEN NULL
  WHEN outbox.state = 'failed' THEN 5
  WHEN outbox.state = 'held' THEN 3
  WHEN outbox.state <> 'delivered' THEN 4
  WHEN EXISTS (SELECT 1 FROM share_grant WHERE share_grant.shareId = share.shareId AND openedAt IS NOT NULL) THEN 2
  ELSE 1 END`

/** Computes the mark of each study of a share again, for example `waiting` or `opened`. */
export function refreshStudyShareMarks(database: Database.Database, shareId: string, now: string): void {
  database
    .prepare(
      'DELETE FROM study_mark WHERE StudyInstanceUID IN (SELECT StudyInstanceUID FROM share_study WHERE shareId = ?)',
    )
    .run(shareId)
  database
    .prepare(`INSERT INTO study_mark
    SELECT StudyInstanceUID, CASE max(weight) WHEN 5 THEN 'failed' WHEN 4 THEN 'waiting' WHEN 3 THEN 'held'
      WHEN 2 THEN 'opened' ELSE 'delivered' END
    FROM (SELECT share_study.StudyInstanceUID, ${MARK_OF_SHARE} AS weight
      FROM share_study JOIN share USING (shareId) JOIN outbox USING (shareId)
      WHERE share_study.StudyInstanceUID IN (SELECT StudyInstanceUID FROM share_study WHERE shareId = :shareId))
    WHERE weight IS NOT NULL GROUP BY StudyInstanceUID`)
    .run({ shareId, now })
}
