/**
 * index.db: the content of the library's folders. It can be deleted at any time and is then built again from the
 * folders.
 */
import path from 'node:path'
import type Database from 'better-sqlite3'
import { codeOf } from '../../../src-core/contract/errors.ts'
import { openRebuildable, removeDatabase, type Migration } from '../database.ts'

export const INDEX_MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-index',
    sql: `
    CREATE TABLE folder (folderKey INTEGER PRIMARY KEY, folderId TEXT NOT NULL UNIQUE, path TEXT NOT NULL) STRICT;
    CREATE TABLE directory (directoryKey INTEGER PRIMARY KEY, folderKey INTEGER NOT NULL REFERENCES folder,
      path TEXT NOT NULL, UNIQUE (folderKey, path)) STRICT;
    CREATE TABLE patient (
      patientKey INTEGER PRIMARY KEY, PatientName TEXT NOT NULL, PatientID TEXT NOT NULL,
      IssuerOfPatientID TEXT NOT NULL,
      PatientBirthDate TEXT NOT NULL, PatientSex TEXT NOT NULL,
      UNIQUE (PatientID, PatientName, PatientBirthDate, IssuerOfPatientID, PatientSex)
    ) STRICT;
    -- Counts and modalities are kept by the writer for every study that it touched, so that the table of studies is one
    -- plain query.
    CREATE TABLE study (
      studyKey INTEGER PRIMARY KEY, StudyInstanceUID TEXT NOT NULL UNIQUE,
      patientKey INTEGER NOT NULL REFERENCES patient,
      StudyDate TEXT NOT NULL, StudyTime TEXT NOT NULL, StudyDescription TEXT NOT NULL, AccessionNumber TEXT NOT NULL,
      sortName TEXT NOT NULL, ModalitiesInStudy TEXT NOT NULL DEFAULT '', series INTEGER NOT NULL DEFAULT 0,
      instances INTEGER NOT NULL DEFAULT 0,
      newestMs REAL NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX study_date ON study (StudyDate, StudyTime);
    CREATE INDEX study_name ON study (sortName);
    CREATE TABLE series (
      seriesKey INTEGER PRIMARY KEY, studyKey INTEGER NOT NULL REFERENCES study, SeriesInstanceUID TEXT NOT NULL,
      Modality TEXT NOT NULL,
      SeriesNumber INTEGER, SeriesDescription TEXT NOT NULL, BodyPartExamined TEXT NOT NULL,
      instances INTEGER NOT NULL DEFAULT 0,
      UNIQUE (studyKey, SeriesInstanceUID)
    ) STRICT;
    -- What instances of a series mostly have in common, once.
    CREATE TABLE form (
      formKey INTEGER PRIMARY KEY, SOPClassUID TEXT NOT NULL, TransferSyntaxUID TEXT NOT NULL, ImageType TEXT NOT NULL,
      BurnedInAnnotation TEXT NOT NULL,
      ConversionType TEXT NOT NULL, NumberOfFrames INTEGER NOT NULL, "Rows" INTEGER NOT NULL,
      "Columns" INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('image', 'report', 'other')),
      UNIQUE (SOPClassUID, TransferSyntaxUID, ImageType, BurnedInAnnotation, ConversionType, NumberOfFrames, "Rows",
        "Columns", kind)
    ) STRICT;
    -- One row a file; code says why a file is no instance. The same SOP instance twice is two files and one instance.
    CREATE TABLE file (
      fileKey INTEGER PRIMARY KEY, directoryKey INTEGER NOT NULL REFERENCES directory, name TEXT NOT NULL,
      size INTEGER NOT NULL, mtimeMs REAL NOT NULL,
      code TEXT, seriesKey INTEGER REFERENCES series, patientKey INTEGER, formKey INTEGER, SOPInstanceUID TEXT,
      InstanceNumber INTEGER
    ) STRICT;
    -- Keys alone: with names and identifiers in them, these would cost more than the rows.
    CREATE INDEX file_directory ON file (directoryKey);
    CREATE INDEX file_series ON file (seriesKey) WHERE seriesKey IS NOT NULL;
    CREATE INDEX file_skipped ON file (fileKey) WHERE code IS NOT NULL;
    CREATE VIRTUAL TABLE study_search USING fts5 (words, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4',
      content = '', contentless_delete = 1);
  `,
  },
  {
    name: '0002-unchanged-directories',
    sql: `
    ALTER TABLE directory ADD COLUMN changedMs REAL;
    ALTER TABLE directory ADD COLUMN digest INTEGER;
    ALTER TABLE directory ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE directory ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
  `,
  },
  {
    name: '0003-device-of-a-folder',
    sql: 'ALTER TABLE folder ADD COLUMN device TEXT;',
  },
  {
    name: '0004-superseded-files',
    sql: `
    -- Another file claims to be the same SOP instance, is newer, and holds something else.
    ALTER TABLE file ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE series ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
    DROP INDEX file_skipped;
    CREATE INDEX file_left_out ON file (fileKey) WHERE code IS NOT NULL OR superseded = 1;
    CREATE INDEX file_superseded ON file (seriesKey) WHERE superseded = 1;
  `,
  },
  {
    name: '0005-forms-that-show-screens',
    // The values of the new columns are only in the files, so the index is emptied and built again from the folders.
    sql: `
    DROP TABLE form;
    CREATE TABLE form (
      formKey INTEGER PRIMARY KEY, SOPClassUID TEXT NOT NULL, TransferSyntaxUID TEXT NOT NULL, ImageType TEXT NOT NULL,
      BurnedInAnnotation TEXT NOT NULL,
      ConversionType TEXT NOT NULL, NumberOfFrames INTEGER NOT NULL, "Rows" INTEGER NOT NULL,
      "Columns" INTEGER NOT NULL,
      PhotometricInterpretation TEXT NOT NULL, SamplesPerPixel INTEGER NOT NULL, BitsAllocated INTEGER NOT NULL,
      oriented INTEGER NOT NULL CHECK (oriented IN (0, 1)),
      kind TEXT NOT NULL CHECK (kind IN ('image', 'report', 'other')),
      UNIQUE (SOPClassUID, TransferSyntaxUID, ImageType, BurnedInAnnotation, ConversionType, NumberOfFrames, "Rows",
        "Columns", PhotometricInterpretation, SamplesPerPixel, BitsAllocated, oriented, kind)
    ) STRICT;
    DELETE FROM file;
    DELETE FROM directory;
    DELETE FROM series;
    DELETE FROM study;
    DELETE FROM patient;
    DELETE FROM study_search;
    `,
  },
  {
    name: '0006-patients-of-a-study',
    sql: `
    -- Everything that the files which stand say of the patients of a study; study.patientKey is the one of most
    -- instances.
    CREATE TABLE study_patient (
      studyKey INTEGER NOT NULL REFERENCES study, patientKey INTEGER NOT NULL REFERENCES patient,
      PRIMARY KEY (studyKey, patientKey)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX study_patient_patient ON study_patient (patientKey);
    ALTER TABLE patient ADD COLUMN foldedName TEXT NOT NULL DEFAULT '';
    ALTER TABLE series ADD COLUMN leastPatient INTEGER;
    ALTER TABLE series ADD COLUMN mostPatient INTEGER;
    -- The folders still hold everything: they are read again.
    DELETE FROM study_search;
    DELETE FROM file;
    DELETE FROM series;
    DELETE FROM study;
    DELETE FROM patient;
    DELETE FROM directory;
  `,
  },
]

/**
 * Opens the index. A database that is damaged or of another version is deleted, because it can be built again from the
 * folders. Any other failure, such as a full disk, is thrown.
 */
export function openIndexDatabase(dataFolder: string): Database.Database {
  const file = path.join(dataFolder, 'index.db')
  try {
    return openRebuildable(file, INDEX_MIGRATIONS)
  } catch (error) {
    if (codeOf(error) !== 'data-from-newer-version' && !isFromAnotherVersion(error)) throw error
    removeDatabase(file)
    return openRebuildable(file, INDEX_MIGRATIONS)
  }
}

/** Whether a migration does not fit the tables of the file. */
const isFromAnotherVersion = (error: unknown): boolean => (error as { code?: string }).code === 'SQLITE_ERROR'
