/** The SQL statements with which the indexer writes index.db. */
import type Database from 'better-sqlite3'

/** Statements on folders, directories, and the files in a directory. */
export function folderStatements(database: Database.Database) {
  return {
    folder: database
      .prepare<[string, string, string | null]>(`INSERT INTO folder (folderId, path, device) VALUES (?, ?, ?)
      ON CONFLICT (folderId) DO UPDATE SET path = excluded.path, device = coalesce(excluded.device, device)
        RETURNING folderKey`)
      .pluck(),
    knownDevice: database.prepare<[string]>('SELECT device FROM folder WHERE folderId = ?').pluck(),
    directory: database
      .prepare<[number, string]>(
        `INSERT INTO directory (folderKey, path) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET changedMs = NULL, digest = NULL RETURNING directoryKey`,
      )
      .pluck(),
    settleDirectory: database.prepare<[number | null, number | null, number, number, number]>(
      'UPDATE directory SET changedMs = ?, digest = ?, files = ?, skipped = ? WHERE directoryKey = ?',
    ),
    knownDirectories: database.prepare<[string]>(
      `SELECT directoryKey, directory.path, changedMs, digest, files, skipped FROM directory
        JOIN folder USING (folderKey) WHERE folderId = ?`,
    ),
    directories: database.prepare<[number]>('SELECT directoryKey, path FROM directory WHERE folderKey = ?'),
    known: database.prepare<[number]>(
      'SELECT fileKey, name, size, mtimeMs, code, seriesKey FROM file WHERE directoryKey = ?',
    ),
    removeFile: database.prepare<[number]>('DELETE FROM file WHERE fileKey = ?'),
    removeFiles: database.prepare<[number]>('DELETE FROM file WHERE directoryKey = ?'),
    removeDirectory: database.prepare<[number]>('DELETE FROM directory WHERE directoryKey = ?'),
    removeFolder: database.prepare<[number]>('DELETE FROM folder WHERE folderKey = ?'),
  }
}

/** Statements that add the rows of an instance: file, form, series, study and patient. */
export function instanceStatements(database: Database.Database) {
  return {
    patient: database
      .prepare<
        [string, string, string, string, string, string]
      >(`INSERT INTO patient (PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, PatientSex, foldedName)
        VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET PatientName = excluded.PatientName RETURNING patientKey`)
      .pluck(),
    findStudy: database.prepare<[string]>('SELECT studyKey FROM study WHERE StudyInstanceUID = ?').pluck(),
    study: database
      .prepare<
        [string, number, string, string, string, string]
      >(`INSERT INTO study (StudyInstanceUID, patientKey, StudyDate, StudyTime, StudyDescription, AccessionNumber,
        sortName)
      VALUES (?, ?, ?, ?, ?, ?, '') RETURNING studyKey`)
      .pluck(),
    correctStudy: database.prepare<[string, string, string, string, number]>(
      `UPDATE study SET StudyDate = ?, StudyTime = ?, StudyDescription = ?, AccessionNumber = ? WHERE studyKey = ?`,
    ),
    series: database
      .prepare<
        [number, string, string, number | null, string, string]
      >(`INSERT INTO series (studyKey, SeriesInstanceUID, Modality, SeriesNumber, SeriesDescription, BodyPartExamined)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET Modality = excluded.Modality,
        SeriesNumber = excluded.SeriesNumber, SeriesDescription = excluded.SeriesDescription,
      BodyPartExamined = excluded.BodyPartExamined RETURNING seriesKey`)
      .pluck(),
    form: database
      .prepare(`INSERT INTO form (SOPClassUID, TransferSyntaxUID, ImageType, BurnedInAnnotation, ConversionType,
        NumberOfFrames, "Rows", "Columns",
        PhotometricInterpretation, SamplesPerPixel, BitsAllocated, oriented, kind)
      VALUES (@SOPClassUID, @TransferSyntaxUID, @ImageType, @BurnedInAnnotation, @ConversionType, @NumberOfFrames,
        @Rows, @Columns,
        @PhotometricInterpretation, @SamplesPerPixel, @BitsAllocated, @oriented, @kind)
      ON CONFLICT DO UPDATE SET kind = excluded.kind RETURNING formKey`)
      .pluck(),
    file: database.prepare<
      [
        number,
        string,
        number,
        number,
        string | null,
        number | null,
        number | null,
        number | null,
        string | null,
        number | null,
      ]
    >(
      `INSERT INTO file (directoryKey, name, size, mtimeMs, code, seriesKey, patientKey, formKey, SOPInstanceUID,
        InstanceNumber)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  }
}

/** Statements that update counts, mark superseded files, and remove rows to which no file refers. */
export function countStatements(database: Database.Database) {
  return {
    countSeries: database.prepare<[number]>(`UPDATE series SET (instances, files, leastPatient, mostPatient) =
      (SELECT count(DISTINCT SOPInstanceUID), count(*), min(patientKey), max(patientKey) FROM file
        WHERE file.seriesKey = series.seriesKey)
      WHERE seriesKey = ? RETURNING studyKey, instances, files`),
    versions: database.prepare<
      [number, number]
    >(`SELECT fileKey, SOPInstanceUID, size, folder.path AS root, directory.path AS directory, name FROM file
      JOIN directory USING (directoryKey) JOIN folder USING (folderKey)
      WHERE seriesKey = ? AND SOPInstanceUID IN (SELECT SOPInstanceUID FROM file WHERE seriesKey = ?
        GROUP BY SOPInstanceUID HAVING count(*) > 1) ORDER BY SOPInstanceUID, mtimeMs DESC, fileKey`),
    noneSuperseded: database.prepare<[number]>('UPDATE file SET superseded = 0 WHERE seriesKey = ? AND superseded = 1'),
    supersede: database.prepare<[number]>('UPDATE file SET superseded = 1 WHERE fileKey = ?'),
    removeSeries: database.prepare<[number]>('DELETE FROM series WHERE seriesKey = ?'),
    countStudy: database
      .prepare<
        [number]
      >(`UPDATE study SET series = (SELECT count(*) FROM series WHERE series.studyKey = study.studyKey),
      instances = (SELECT coalesce(sum(instances), 0) FROM series WHERE series.studyKey = study.studyKey),
      ModalitiesInStudy = (SELECT coalesce(group_concat(Modality, char(92)), '')
        FROM (SELECT DISTINCT Modality FROM series WHERE series.studyKey = study.studyKey AND Modality <> ''
          ORDER BY Modality))
      WHERE studyKey = ? RETURNING series`)
      .pluck(),
    removeStudy: database.prepare<[number]>('DELETE FROM study WHERE studyKey = ?'),
    removePatients: database.prepare(
      `DELETE FROM patient WHERE patientKey NOT IN
        (SELECT patientKey FROM study_patient UNION SELECT patientKey FROM file WHERE patientKey IS NOT NULL)`,
    ),
    newest: database.prepare<[number, number]>('UPDATE study SET newestMs = max(newestMs, ?) WHERE studyKey = ?'),
  }
}
